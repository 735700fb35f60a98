from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from foundation.registry import Scheduled, schedule
        from portal.accounts import checks, events, languages, methods, permissions  # noqa: F401  (declare themselves)
        from themes.signals import language_chosen

        events.register()
        methods.take_over()
        language_chosen.connect(languages.keep_on_profile, dispatch_uid="accounts")
        schedule.register("accounts.tidy", Scheduled("accounts.tidy_everywhere", 3600))
