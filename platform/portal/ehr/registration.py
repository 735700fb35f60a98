"""What the app offers to packages that do not know it."""

from django.utils.translation import gettext_lazy as _

from foundation.registry import NavItem, Scheduled, SealedColumn, hospital_commands, nav_items, schedule, sealed_columns
from portal.ehr import events, permissions

EVERY_SECONDS = 5 * 60


def register() -> None:
    from portal.ehr import tasks  # noqa: F401  (Celery finds them once they are imported)
    from portal.ehr.commands.connect import Connect
    from portal.ehr.commands.sync import Sync

    events.register()
    sealed_columns.register("ehr_connection.secret", SealedColumn("ehr.Connection"))
    permissions.register()
    hospital_commands.register("connect", Connect())
    hospital_commands.register("sync", Sync())
    schedule.register("ehr.synchronise", Scheduled("ehr.synchronise_hospitals", EVERY_SECONDS))
    nav_items.register(
        "connection",
        NavItem(_("Connection"), "ehr:connection", "connection", 80, frozenset({"admin"}), "ehr.connection.view"),
    )
