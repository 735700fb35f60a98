"""What the scheduler starts about hospitals. The work itself is the provisioner's."""

from __future__ import annotations

from foundation.audit import Actor
from foundation.tasks import ask_provisioner, public_task


@public_task(name="tenants.check_keys")
def check_keys() -> None:
    """Looks once a day whether every sealed secret still opens: a key that is lost is better missed at once."""
    ask_provisioner("keys.check", by=Actor.system("keys"))
