"""All rules."""

from tests.architecture.rules import Rule, memory, outside, places, sql, work

RULES: list[Rule] = [*places.RULES, *memory.RULES, *work.RULES, *outside.RULES, *sql.RULES]
