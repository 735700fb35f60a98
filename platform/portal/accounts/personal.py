"""What the tables of people hold of them."""

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from foundation.personal import Declaration, Holds, Subject, delete_rows, each_row, holds
from portal.accounts import models


def erase_account(declared: Declaration, subject: Subject) -> int:
    """Field by field (P33): a row without a name, an address or a way in. Its number stands in the audit."""
    erased = 0
    for user in declared.rows(subject):
        erased += declared.rows(subject).update(
            username=f"erased-{user.pk}", email="", name="", given_name="", password=make_password(None), roles=[],
            language="en", appearance=models.Appearance.AUTO, is_active=False, last_login=None,
            password_changed_at=None, factor_epoch=user.factor_epoch + 1, factor_failures=0, factor_failed_at=None,
            updated_at=now(),
        )  # fmt: skip
    return erased


holds(
    models.User, Holds.IDENTITY, title=_("Account"), person="id", export=each_row, erase=erase_account,
    hidden=("password", "factor_epoch", "factor_failures", "factor_failed_at", "is_superuser"),
)  # fmt: skip
holds(
    models.Session, Holds.ACCOUNT, title=_("Where somebody is signed in"), person="user_id", hidden=("digest", "data"),
    export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.OneTimeLink, Holds.ACCOUNT, title=_("Links that were sent by mail"), person="user_id", hidden=("digest",),
    export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.AuthenticatorApp, Holds.ACCOUNT, title=_("Code apps"), person="user_id",
    hidden=("sealed_seed", "last_t"),
    export=each_row, erase=delete_rows,
)  # fmt: skip
holds(
    models.RecoverySet, Holds.ACCOUNT, title=_("Recovery codes"), person="user_id", export=each_row,
    erase=delete_rows,
)  # fmt: skip
holds(
    models.RecoveryCode, Holds.ACCOUNT, title=_("Each recovery code, not the code itself"),
    person="device__user_id", hidden=("digest",), export=each_row, erase=delete_rows,
)  # fmt: skip
