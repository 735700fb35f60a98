"""The append-only record of who looked at, changed or was refused what (HIPAA 45 CFR 164.312(b)).

A request, a task or a command opens a *trail*; what it reads and does is collected there and written in one
statement: for reads before the first byte of the answer, for writes as the last statement of their transaction. No
clinical content ever stands in an event.
"""

from foundation.audit.actor import Actor
from foundation.audit.trail import Where, flush, open_trail, record, turn_back, write

__all__ = ["Actor", "Where", "flush", "open_trail", "record", "turn_back", "write"]
