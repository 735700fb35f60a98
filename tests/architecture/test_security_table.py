"""docs/security.md says which test shows which requirement, and says it of today's tests."""

from tests.architecture.security_table import PAGE, asked_for, marked, rendered


def test_every_mark_has_its_sentence() -> None:
    known = {number for number, _sentence in asked_for()}
    assert set(marked()) <= known, "add the number to tests/architecture/security.txt"


def test_each_number_stands_once() -> None:
    numbers = [number for number, _sentence in asked_for() if number]
    assert len(numbers) == len(set(numbers))


def test_the_page_is_made_from_todays_tests() -> None:
    assert PAGE.read_text() == rendered(), "run: .venv/bin/python -m tests.architecture.security_table"
