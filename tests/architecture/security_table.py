"""Writes docs/security.md from both lists and the marks: `python -m tests.architecture.security_table`."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
ASKED_FOR = Path(__file__).with_name("security.txt")
PITFALLS = Path(__file__).with_name("pitfalls.txt")
HEAD = """\
# Security requirements, and the tests that show them

This page is made from the tests' marks (`@pytest.mark.security("S1")`), `tests/architecture/security.txt` and
`tests/architecture/pitfalls.txt` by `python -m tests.architecture.security_table`; a test fails when it is stale.
"Pending" stands where no test bears the number yet, with the reason; "still missing" where the tests do not show all of
the sentence. `make test` says at its end which numbers were shown by tests that passed. The sixteen attacks on the
walls can be tried by hand: [attacks](attacks.md).
Portico has not been audited by anybody outside.
"""
PITFALLS_HEAD = """\

## Known pitfalls

What is known to go wrong with django-tenants, Wagtail, Celery and the second-factor library when hospitals share one
deployment, what holds it here, and how that is known: a lint rule (`tests/architecture/rules`), tests, a setting that a
test looks at, or the reason why it cannot happen.

| | what goes wrong | what holds it here | known by |
|---|---|---|---|"""


@dataclass(frozen=True)
class Line:
    """One number: what is asked for, and what of it is missing. A heading has no number."""

    number: str
    sentence: str
    pending: str = ""
    part: str = ""


@dataclass(frozen=True)
class Pitfall:
    """One trap: `known_by` holds words such as "lint", "test", "setting NAME = value", "not applicable: why"."""

    number: str
    trap: str
    held_by: str
    known_by: tuple[str, ...]


def marked() -> dict[str, list[tuple[Path, str]]]:
    """By number: the files and names of the tests that bear it."""
    found: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for number in dict.fromkeys(_numbers(node)):
                    found[number].append((file.relative_to(ROOT), node.name))
    return found


def _numbers(node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    """Of the marks above it, those of single parameters among them."""
    for decorator in node.decorator_list:
        for call in ast.walk(decorator):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.security":
                yield from (str(argument.value) for argument in call.args if isinstance(argument, ast.Constant))


def asked_for() -> list[Line]:
    return [_line(line) for line in _lines(ASKED_FOR)]


def pitfalls() -> list[Pitfall]:
    found = []
    for line in _lines(PITFALLS):
        number, trap, held_by, known_by = line.split(" | ")
        found.append(Pitfall(number, trap, held_by, _known_by(known_by)))
    return found


def _known_by(text: str) -> tuple[str, ...]:
    """By commas; a reason is the last of them and may hold commas itself."""
    before, colon, reason = text.partition(": ")
    *first, last = before.split(", ")
    return (*first, f"{last}{colon}{reason}")


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and not line.startswith("# ") and line[:3] != "#  "]


def _line(line: str) -> Line:
    if line.startswith("##"):
        return Line("", line.removeprefix("## "))
    number, sentence, *more = line.split(" | ", 2)
    kind, _colon, reason = more[0].partition(": ") if more else ("", "", "")
    if kind not in {"", "pending", "part"}:
        raise ValueError(f"{ASKED_FOR.name}: {number} has a third field that is neither pending nor part: {kind}")
    return Line(number, sentence, reason if kind == "pending" else "", reason if kind == "part" else "")


def rendered() -> str:
    shown = marked()
    lines = [HEAD]
    for line in asked_for():
        if not line.number:
            lines += [f"\n## {line.sentence}\n", "| | what is asked for | shown by |", "|---|---|---|"]
        else:
            lines.append(f"| {line.number} | {line.sentence} | {_shown_by(line, shown.get(line.number, []))} |")
    lines.append(PITFALLS_HEAD)
    for pitfall in pitfalls():
        ways = "<br>".join(_way(way, shown.get(pitfall.number, [])) for way in pitfall.known_by)
        lines.append(f"| {pitfall.number} | {pitfall.trap} | {pitfall.held_by} | {ways} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _shown_by(line: Line, tests: list[tuple[Path, str]]) -> str:
    if line.pending:
        return f"Pending: {line.pending}"
    missing = f"<br>Still missing: {line.part}" if line.part else ""
    return f"{_tests(tests)}{missing}"


def _way(way: str, tests: list[tuple[Path, str]]) -> str:
    if way == "test":
        return _tests(tests)
    if way == "lint":
        return "lint"
    kind, _space, rest = way.partition(" ")
    return f"`{rest}`" if kind == "setting" else way


def _tests(tests: list[tuple[Path, str]]) -> str:
    """Names as links to their files; further tests of a file follow its link."""
    by_file: dict[Path, list[str]] = defaultdict(list)
    for file, name in tests:
        by_file[file].append(name.removeprefix("test_").replace("_", " "))
    shown = [f"[{file.relative_to('tests')}](../{file}): {'; '.join(names)}" for file, names in by_file.items()]
    return "<br>".join(shown)


if __name__ == "__main__":
    PAGE.write_text(rendered())
