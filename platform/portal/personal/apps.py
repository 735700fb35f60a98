from django.apps import AppConfig


class PersonalConfig(AppConfig):
    name = "portal.personal"
    label = "personal"
    verbose_name = "Personal data"

    def ready(self) -> None:
        from foundation.personal import discover
        from foundation.registry import Scheduled, schedule
        from portal.personal import events, navigation, permissions, third_party

        third_party.declare()
        discover()
        events.register()
        permissions.register()
        navigation.register()
        schedule.register("personal.tidy", Scheduled("personal.tidy_everywhere", 3600))
