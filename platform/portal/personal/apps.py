from django.apps import AppConfig


class PersonalConfig(AppConfig):
    name = "portal.personal"
    label = "personal"
    verbose_name = "Personal data"

    def ready(self) -> None:
        from foundation.personal import discover
        from foundation.registry import Scheduled, hospital_commands, schedule
        from portal.personal import events, navigation, permissions, third_party
        from portal.personal.commands import Readmit

        third_party.declare()
        discover()
        events.register()
        permissions.register()
        navigation.register()
        hospital_commands.register("readmit", Readmit())
        schedule.register("personal.tidy", Scheduled("personal.tidy_everywhere", 3600))
