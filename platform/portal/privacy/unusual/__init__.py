"""The report of unusual looks: pure rules, one module each, over what `ground` gathers for a stretch of time.

A rule never decides that somebody did wrong. It says in words what is unusual, how much that weighs, and which events
it rests on; a person reviews it. Where a rule knows too little of somebody it says nothing.
"""

from portal.privacy.unusual import (
    bulk,
    colleague,
    flagged,
    own_record,
    same_address,
    same_surname,
    strange_hours,
    travel,
)
from portal.privacy.unusual.rule import Rule

RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        flagged.RULE, own_record.RULE, same_address.RULE, colleague.RULE, same_surname.RULE, bulk.RULE,
        strange_hours.RULE, travel.RULE,
    )
}  # fmt: skip
