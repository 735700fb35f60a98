from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "portal.dashboard"
    label = "dashboard"
    verbose_name = "Home"

    def ready(self) -> None:
        from django.utils.translation import pgettext_lazy

        from foundation.registry import NavItem, nav_items

        patients_own = NavItem(pgettext_lazy("navigation", "Account"), "accounts:account", "account", 50)
        nav_items.register("account", patients_own)
        nav_items.register("home", NavItem(pgettext_lazy("navigation", "Home"), "dashboard:home", "home", 10))
