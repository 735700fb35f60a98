from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "portal.access"
    label = "access"
    verbose_name = "Access"

    def ready(self) -> None:
        from foundation.registry import hospital_commands
        from portal.access import events
        from portal.access.commands import PersonCommand
        from portal.access.queries import BESIDE, GRANTED_BESIDE
        from portal.accounts.reading import beside_person

        events.register()
        hospital_commands.register("person", PersonCommand())
        beside_person.register(BESIDE, GRANTED_BESIDE)
