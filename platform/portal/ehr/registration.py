"""What the app offers to packages that do not know it."""

from portal.ehr import events, permissions


def register() -> None:
    events.register()
    permissions.register()
