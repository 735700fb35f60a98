from typing import Any

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "foundation.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings
        from django.utils.translation import gettext_lazy as _

        from foundation.audit import alarms
        from foundation.database import lists  # noqa: F401  (it registers a system check)
        from foundation.registry import Scheduled, event_kinds, provisioner_jobs, schedule

        event_kinds.register("access.refused", _("You cannot open this page"))
        event_kinds.register("alarm.closed", _("An alarm was looked at and closed"))
        event_kinds.register("alarm.listed", _("The open alarms were read"))
        event_kinds.register("audit.break_accepted", _("The loss of events in a restore was accepted"))
        event_kinds.register("audit.trimmed", _("Old events of this record were removed"))
        alarms.register()
        every = settings.PORTICO_AUDIT_ANCHOR_SECONDS
        schedule.register("audit.anchor", Scheduled("audit.anchor_everywhere", every))
        schedule.register("audit.verify", Scheduled("audit.verify_everywhere", 24 * 3600))
        schedule.register("audit.trim", Scheduled("audit.trim", 24 * 3600))
        provisioner_jobs.register("audit.retention", trim_old_events)
        schedule.register("audit.clocks", Scheduled("audit.compare_clocks", 300))


def trim_old_events(**arguments: Any) -> dict[str, Any]:
    """The provisioner's job, loaded when it is due."""
    from foundation.audit.retention import run

    return run(**arguments)
