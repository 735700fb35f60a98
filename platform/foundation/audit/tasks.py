"""The scheduled rounds over all chains."""

from foundation.audit import Actor, retention, rounds
from foundation.audit.anchors import open_anchor
from foundation.tasks import ask_provisioner, public_task


@public_task(name="audit.anchor_everywhere")
def anchor_everywhere() -> None:
    rounds.anchor_everywhere(open_anchor())


@public_task(name="audit.verify_everywhere")
def verify_everywhere() -> None:
    rounds.verify_everywhere(open_anchor())


@public_task(name="audit.trim")
def trim() -> None:
    """Removing events needs the owner's rights, which one process has."""
    ask_provisioner(retention.JOB, by=Actor.system("retention"))


@public_task(name="audit.compare_clocks")
def compare_clocks() -> None:
    rounds.compare_clocks()
