from django.apps import AppConfig


class CryptoConfig(AppConfig):
    name = "foundation.crypto"
    label = "crypto"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from foundation.crypto import events

        events.register()
