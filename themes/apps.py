"""The app: registers its events, and the brand that a new hospital begins with."""

from django.apps import AppConfig


class ThemesConfig(AppConfig):
    name = "themes"
    label = "themes"

    def ready(self) -> None:
        from foundation.registry import on_hospital_created
        from themes import events, words
        from themes.onboarding import write_first_brand

        events.register()
        words.install()
        on_hospital_created.register("themes", write_first_brand)
