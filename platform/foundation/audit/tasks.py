"""The scheduled rounds over all chains."""

from foundation.audit import rounds
from foundation.audit.anchors import open_anchor
from foundation.tasks import public_task


@public_task(name="audit.anchor_everywhere")
def anchor_everywhere() -> None:
    rounds.anchor_everywhere(open_anchor())


@public_task(name="audit.verify_everywhere")
def verify_everywhere() -> None:
    rounds.verify_everywhere(open_anchor())


@public_task(name="audit.compare_clocks")
def compare_clocks() -> None:
    rounds.compare_clocks()
