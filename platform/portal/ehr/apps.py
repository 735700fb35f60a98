from django.apps import AppConfig


class EhrConfig(AppConfig):
    name = "portal.ehr"
    label = "ehr"
    verbose_name = "Health record connection"

    def ready(self) -> None:
        from portal.ehr import registration

        registration.register()
