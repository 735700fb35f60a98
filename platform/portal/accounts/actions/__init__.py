"""What can be done to people, their passwords and their second factors. Each is one transaction and one audit event."""

from portal.accounts.actions.factors import (
    begin_app,
    confirm_app,
    renew_recovery_codes,
    reset_factors,
)
from portal.accounts.actions.passwords import change_password, choose_password, issue_link, use_link
from portal.accounts.actions.people import (
    create_person,
    deactivate_person,
    end_all_sessions,
    end_sessions,
    set_appearance,
    set_language,
)

__all__ = [
    "begin_app",
    "change_password",
    "choose_password",
    "confirm_app",
    "create_person",
    "deactivate_person",
    "end_all_sessions",
    "end_sessions",
    "issue_link",
    "renew_recovery_codes",
    "reset_factors",
    "set_appearance",
    "set_language",
    "use_link",
]
