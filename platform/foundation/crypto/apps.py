from django.apps import AppConfig


class CryptoConfig(AppConfig):
    name = "foundation.crypto"
    label = "crypto"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from foundation.crypto import events
        from foundation.registry import event_kinds

        for kind, words in events.KINDS.items():
            event_kinds.register(kind, words)
