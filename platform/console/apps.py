from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from console import permissions
        from foundation.registry import NavItem, event_kinds, nav_items

        event_kinds.register("console.hospitals_listed", "The list of hospitals was read")
        event_kinds.register("console.walls_looked_at", "The wall around a hospital was looked at from outside")
        for order, (label, name, icon, permission) in enumerate((
            (_("Hospitals"), "console:hospitals", "hospital", permissions.SEE_HOSPITALS),
            (_("Alarms"), "console:alarms", "warning", permissions.WATCH),
        )):  # fmt: skip
            item = NavItem(label, name, icon, order, roles=permissions.OPERATOR, permission=permission.name)
            nav_items.register(name, item)
