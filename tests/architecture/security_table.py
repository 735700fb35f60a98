"""Writes docs/security.md from security.txt and the tests' marks: `python -m tests.architecture.security_table`."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
ASKED_FOR = Path(__file__).with_name("security.txt")
HEAD = """\
# Security requirements, and the tests that show them

This page is made from the tests' marks (`@pytest.mark.security("S1")`) and `tests/architecture/security.txt` by
`python -m tests.architecture.security_table`; a test fails when it is stale. "later" stands where no test bears the
number yet: the feature is not there, or nothing proves the promise. Portico has not been audited by anybody outside.
"""


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
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.security":
            for argument in decorator.args:
                if isinstance(argument, ast.Constant):
                    yield str(argument.value)


def asked_for() -> list[tuple[str, str]]:
    """Number and sentence, in order; a heading has no number."""
    lines = [line for line in ASKED_FOR.read_text().splitlines() if line and not line.startswith("# ")]
    return [("", line.removeprefix("## ")) if line.startswith("##") else _split(line) for line in lines]


def _split(line: str) -> tuple[str, str]:
    number, _bar, sentence = line.partition(" | ")
    return number, sentence


def rendered() -> str:
    shown = marked()
    lines = [HEAD]
    for number, sentence in asked_for():
        if not number:
            lines += [f"\n## {sentence}\n", "| | what is asked for | shown by |", "|---|---|---|"]
            continue
        lines.append(f"| {number} | {sentence} | {_tests(shown.get(number, []))} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _tests(tests: list[tuple[Path, str]]) -> str:
    """Names as links to their files; further tests of a file follow its link."""
    by_file: dict[Path, list[str]] = defaultdict(list)
    for file, name in tests:
        by_file[file].append(name.removeprefix("test_").replace("_", " "))
    shown = [f"[{file.relative_to('tests')}](../{file}): {'; '.join(names)}" for file, names in by_file.items()]
    return "<br>".join(shown) or "later"


if __name__ == "__main__":
    PAGE.write_text(rendered())
