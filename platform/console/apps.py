from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console import permissions  # noqa: F401
        from foundation.registry import event_kinds

        event_kinds.register("console.hospitals_listed", "The list of hospitals was read")
