from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "foundation.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from foundation import catalogue, checks  # noqa: F401  (checks registers the system checks)
        from foundation.audit import alarms
        from foundation.registry import event_kinds

        event_kinds.register("access.refused", _("You cannot open this page"))
        event_kinds.register("alarm.closed", _("An alarm was looked at and closed"))
        event_kinds.register("alarm.listed", _("The open alarms were read"))
        event_kinds.register("audit.trimmed", _("Old events of this record were removed"))
        alarms.register()
        catalogue.install()
