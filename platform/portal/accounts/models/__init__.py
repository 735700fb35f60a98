"""The tables of people: themselves, their sessions, their second factors, the links sent to them."""

from portal.accounts.models.factors import AuthenticatorApp, RecoveryCode, RecoverySet
from portal.accounts.models.links import OneTimeLink
from portal.accounts.models.people import Appearance, Role, User
from portal.accounts.models.sessions import Session

__all__ = [
    "Appearance",
    "AuthenticatorApp",
    "OneTimeLink",
    "RecoveryCode",
    "RecoverySet",
    "Role",
    "Session",
    "User",
]
