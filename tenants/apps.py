from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from foundation.registry import event_kinds
        from foundation.tasks import hospitals_are_found_by, hospitals_are_listed_by, provisioner_is_asked_by
        from tenants import commands, events, jobs, keys, provisioning, queries

        for kind, words in events.KINDS.items():
            event_kinds.register(kind, words)
        hospitals_are_found_by(queries.hospital_for_tasks)
        hospitals_are_listed_by(queries.all_hospitals)
        provisioner_is_asked_by(provisioning.ask)
        jobs.register()
        keys.register()
        commands.register()
