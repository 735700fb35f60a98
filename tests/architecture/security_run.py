"""A pytest plugin: which requirements this run has shown. `pytest --requirements`, as `make test` has it.

A number counts when a test that bears it passed and none failed. One whose tests were skipped, expected to fail or not
in this run does not count, and is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pytest

from tests.architecture.security_table import Line, asked_for, marked

KEY = "security"
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requirements", action="store_true", help="say at the end which requirements were shown")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--requirements") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tally(), "portico-requirements")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The numbers travel with the reports: with xdist the tests run in other processes than the one that counts."""
    for item in items:
        numbers = sorted({str(number) for mark in item.iter_markers(KEY) for number in mark.args})
        if numbers:
            item.user_properties.append((KEY, " ".join(numbers)))


class Tally:
    """Collects the outcomes of the tests by number."""

    def __init__(self) -> None:
        self.outcomes: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = "skipped" if hasattr(report, "wasxfail") else report.outcome
        if report.when == "call" or outcome != PASSED:
            for key, numbers in report.user_properties:
                if key == KEY:
                    for number in str(numbers).split():
                        self.outcomes[number].add(outcome)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("requirements of docs/security.md")
        for line in summary(asked_for(), self.outcomes, marked()):
            terminalreporter.write_line(line)


def summary(lines: Iterable[Line], outcomes: Mapping[str, set[str]], marks: Iterable[str]) -> list[str]:
    """What `make test` prints: the count of shown numbers, and each that is not shown, with its reason."""
    asked = [line for line in lines if line.number.startswith("S")]
    shown = [line for line in asked if outcomes.get(line.number, set()) & {PASSED, FAILED} == {PASSED}]
    pending = [line.number for line in asked if line.pending and line not in shown]
    part = [line.number for line in shown if line.part]
    said = [
        f"Security requirements shown by this run: {len(shown)} of {len(asked)} ({asked[0].number} to "
        f"{asked[-1].number}); pending with a reason: {len(pending)}"
    ]
    said += [f"  shown in part: {', '.join(part)}"] if part else []
    said += [f"  pending: {', '.join(pending)}"] if pending else []
    for line in asked:
        if line not in shown and not line.pending:
            said.append(f"  not shown: {line.number} ({_why(line.number, outcomes, set(marks))})")
    return said


def _why(number: str, outcomes: Mapping[str, set[str]], marks: set[str]) -> str:
    found = outcomes.get(number, set())
    if FAILED in found:
        return "a test failed"
    if SKIPPED in found:
        return "its tests were skipped"
    return "its tests were not in this run" if number in marks else "no test bears it"
