"""What leaks is not done anywhere, and each rule is shown to see it."""

from __future__ import annotations

import pytest

from tests.architecture.rules import Rule, Source, sources, violations
from tests.architecture.rules.book import RULES

SOURCES = sources()


@pytest.mark.parametrize(
    "rule", RULES, ids=lambda rule: f"{'-'.join(rule.numbers)}-{rule.find.__name__}-{rule.says[:30]}"
)
class TestRule:
    def test_nothing_shipped_breaks_it(self, rule: Rule) -> None:
        found = [f"{f.path}:{f.line}: {f.what}" for source in SOURCES for f in violations(rule, source)]
        assert not found, f"{rule}\n" + "\n".join(found)

    def test_it_fires_where_it_must_and_only_there(self, rule: Rule) -> None:
        assert rule.planted
        for text in rule.planted:
            assert rule.fires(Source("planted.py", text)), f"{rule} does not see: {text}"
        for text in rule.fine:
            assert not rule.fires(Source("fine.py", text)), f"{rule} fires for: {text}"

    def test_each_exception_is_still_needed(self, rule: Rule) -> None:
        for place in rule.allowed:
            needed = any(rule.fires(source) for source in SOURCES if source.path.startswith(place))
            assert needed, f"{rule}: nothing in {place} needs the exception any more"
