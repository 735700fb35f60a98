from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "foundation.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from foundation import catalogue, checks  # noqa: F401  (checks registers the system checks)

        catalogue.install()
