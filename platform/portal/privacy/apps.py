from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "portal.privacy"
    label = "privacy"
    verbose_name = "Privacy"

    def ready(self) -> None:
        from foundation.registry import Scheduled, schedule
        from portal.privacy import events, navigation, permissions

        events.register()
        permissions.register()
        navigation.register()
        schedule.register("privacy.report", Scheduled("privacy.report_everywhere", 3600))
