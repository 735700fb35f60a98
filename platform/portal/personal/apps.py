from django.apps import AppConfig


class PersonalConfig(AppConfig):
    name = "portal.personal"
    label = "personal"
    verbose_name = "Personal data"

    def ready(self) -> None:
        from foundation.personal import discover
        from portal.personal import third_party

        third_party.declare()
        discover()
