from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from django.db.models.signals import pre_delete
        from django.utils.translation import gettext_lazy as _

        from foundation.registry import (
            NavItem,
            Scheduled,
            SealedColumn,
            alarm_readers,
            nav_items,
            on_hospital_suspended,
            schedule,
            sealed_columns,
        )
        from portal.accounts import checks, events, languages, methods, permissions  # noqa: F401  (declare themselves)
        from portal.accounts.actions import end_all_sessions
        from portal.accounts.queries import addresses_of
        from themes.signals import language_chosen

        events.register()
        sealed_columns.register(
            "accounts_authenticatorapp.sealed_seed", SealedColumn("accounts.AuthenticatorApp", row="user_id")
        )
        sealed_columns.register("accounts_session.fresh_codes", SealedColumn())  # shown once, in a session
        methods.take_over()
        language_chosen.connect(languages.keep_on_profile, dispatch_uid="accounts")
        pre_delete.connect(self.keep_people, sender="accounts.User", dispatch_uid="accounts.keep_people")
        nav_items.register(
            "staff",
            NavItem(
                _("Start"), "accounts:staff", "home", 0, roles=permissions.STAFF_HOME.roles, permission="staff.home"
            ),
        )
        alarm_readers.register("accounts", addresses_of)
        on_hospital_suspended.register("accounts", end_all_sessions)
        schedule.register("accounts.tidy", Scheduled("accounts.tidy_everywhere", 3600))

    @staticmethod
    def keep_people(**_signal: object) -> None:
        """Also where a queryset is deleted, which does not ask the model."""
        raise TypeError("People are deactivated and erased field by field, never deleted.")
