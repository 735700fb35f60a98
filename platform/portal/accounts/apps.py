from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from foundation.registry import Scheduled, schedule
        from portal.accounts import checks, events, methods, permissions  # noqa: F401  (declare themselves)

        events.register()
        methods.take_over()
        schedule.register("accounts.tidy", Scheduled("accounts.tidy_everywhere", 3600))
