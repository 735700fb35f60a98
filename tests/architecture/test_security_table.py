"""docs/security.md says which test shows which requirement, and says it of today's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.rules.book import RULES
from tests.architecture.security_run import FAILED, PASSED, SKIPPED, summary
from tests.architecture.security_table import PAGE, ROOT, Line, asked_for, marked, pitfalls, rendered

UNSET = object()


def test_every_mark_has_its_sentence() -> None:
    known = {line.number for line in asked_for()} | {pitfall.number for pitfall in pitfalls()}
    assert set(marked()) <= known, "add the number to tests/architecture/security.txt"


def test_each_number_stands_once() -> None:
    numbers = [line.number for line in asked_for() if line.number] + [pitfall.number for pitfall in pitfalls()]
    assert len(numbers) == len(set(numbers))


def test_each_number_has_a_test_or_the_reason_why_none() -> None:
    shown = marked()
    for line in asked_for():
        if line.number:
            assert bool(line.pending) != (line.number in shown), f"{line.number}: a test, or a reason, and not both"


def test_the_page_is_made_from_todays_tests() -> None:
    assert PAGE.read_text() == rendered(), "run: .venv/bin/python -m tests.architecture.security_table"


def test_each_pitfall_is_mapped_to_what_holds_it() -> None:
    assert [pitfall.number for pitfall in pitfalls()] == [f"P{number}" for number in range(1, 34)]
    shown, ruled = marked(), {number for rule in RULES for number in rule.numbers}
    for pitfall in pitfalls():
        for way in pitfall.known_by:
            kind, _space, rest = way.partition(" ")
            if kind == "lint":
                assert pitfall.number in ruled, f"{pitfall.number}: no rule bears it"
            elif kind == "test":
                assert pitfall.number in shown, f"{pitfall.number}: no test bears it"
            elif kind == "setting":
                assert _holds(rest), f"{pitfall.number}: {rest}"
            else:
                assert way.startswith("not applicable: "), f"{pitfall.number}: {way}"
    named = {pitfall.number for pitfall in pitfalls() if "lint" in pitfall.known_by}
    assert {number for number in ruled if number.startswith("P")} == named, "each rule's pitfall says lint"


def _holds(setting: str) -> bool:
    """Whether "NAME = value" is so, or "NAME unset"."""
    name, _equals, wanted = setting.partition(" = ")
    if name.endswith(" unset"):
        return getattr(settings, name.removesuffix(" unset"), UNSET) is UNSET
    return str(getattr(settings, name, UNSET)) == wanted


LINES = [Line("S1", "One."), Line("S2", "Two.", part="half of it."), Line("S3", "Three.", pending="later.")]


def test_only_numbers_whose_tests_passed_are_counted() -> None:
    said = summary(LINES, {"S1": {PASSED}, "S2": {PASSED, SKIPPED}}, ["S1", "S2"])
    assert said == [
        "Security requirements shown by this run: 2 of 3 (S1 to S3); pending with a reason: 1",
        "  shown in part: S2",
        "  pending: S3",
    ]


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        ({SKIPPED}, "its tests were skipped"),
        ({PASSED, FAILED}, "a test failed"),
        (set(), "its tests were not in this run"),
    ],
)
def test_a_number_that_was_not_shown_is_named_with_its_reason(outcomes: set[str], why: str) -> None:
    said = summary(LINES, {"S1": outcomes, "S2": {PASSED}}, ["S1", "S2"])
    assert "shown by this run: 1 of 3" in said[0]
    assert f"  not shown: S1 ({why})" in said


def test_a_run_tells_passed_from_skipped_over_two_processes(tmp_path: Path) -> None:
    """A pytest of its own with xdist, on three small tests."""
    import subprocess
    import sys

    (tmp_path / "test_three.py").write_text(
        "import pytest\n"
        "@pytest.mark.security('S1')\ndef test_a(): pass\n"
        "@pytest.mark.security('S2')\n@pytest.mark.skip\ndef test_b(): pass\n"
        "@pytest.mark.security('S4')\n@pytest.mark.xfail\ndef test_c(): assert False\n"
    )
    plugins = ["-p", "no:django", "-p", "no:cacheprovider", "-p", "tests.architecture.security_run"]
    pytest_alone = [sys.executable, "-m", "pytest", "-c", "/dev/null", *plugins]
    command = [*pytest_alone, "--requirements", "-n", "2", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "shown by this run: 1 of" in done.stdout, done.stdout + done.stderr
    assert "not shown: S2 (its tests were skipped)" in done.stdout
    assert "not shown: S4 (its tests were skipped)" in done.stdout
    assert "not shown: S5 (its tests were not in this run)" in done.stdout
