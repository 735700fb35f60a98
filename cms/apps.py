from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"

    def ready(self) -> None:
        from cms.site import make_site
        from foundation.registry import on_hospital_created

        on_hospital_created.register("cms.site", make_site)
