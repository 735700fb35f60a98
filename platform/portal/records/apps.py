from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "portal.records"
    label = "records"
    verbose_name = "Records"

    def ready(self) -> None:
        from foundation.registry import Scheduled, home_cards, projectors, schedule
        from portal.records import cards, events, navigation, permissions
        from portal.records.projector import project_record

        events.register()
        permissions.register()
        navigation.register()
        projectors.register("records", project_record)
        home_cards.register("records", cards.record_cards)
        schedule.register("records.remove_old_copies", Scheduled("records.remove_old_copies_everywhere", 3600))
