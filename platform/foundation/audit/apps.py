from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "foundation.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from foundation import catalogue, checks  # noqa: F401  (checks registers the system checks)
        from foundation.registry import event_kinds

        event_kinds.register("access.refused", _("You cannot open this page"))
        catalogue.install()
