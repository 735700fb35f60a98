"""After a restore the newest events are gone, and the anchors have seen them. Somebody says so, once, and for good.

A break is signed and put outside like a head, and can no more be taken back: up to which event the restored chain goes.
Older anchors beyond that event are then no evidence against it, and each verification names the break.
"""

from __future__ import annotations

from foundation.actions import about, action
from foundation.audit import signing
from foundation.audit.actor import Actor
from foundation.audit.anchors import AuditAnchor
from foundation.audit.heads import BREAKS, head_here


@action(event="audit.break_accepted")
def accept_break(*, by: Actor, anchor: AuditAnchor, note: str) -> int:
    """The chain of where we stand goes on from its last event; what anchors saw beyond it was lost in a restore.

    The number of that event. Raises AnchorFailed, and then nothing was accepted.
    """
    head = head_here("break")
    about(target=("event", str(head.sequence)), reason=note)
    anchor.put(head.schema + BREAKS, head.sequence, signing.sign(head))
    return head.sequence
