"""What shipped code may not do, since a hospital's data would leak by it: one rule a trap, with a planted violation.

A rule looks at the syntax tree of one file. It says which numbers of docs/security.md it holds, in which files the
thing is allowed and why, and brings code in which it must fire (`planted`) and code in which it must not (`fine`). The
groups are modules of this package, `book` holds all of them; nothing else lives here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
TOPS = (
    "platform/foundation",
    "platform/config",
    "platform/portal",
    "platform/console",
    "tenants",
    "themes",
    "cms",
    "billing",
)


class Found(NamedTuple):
    """Where a rule fires."""

    path: str
    line: int
    what: str


class Source:
    """One file: its tree, and for each name what it was imported as."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.tree = ast.parse(text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imported(self) -> dict[str, str]:
        """By the name in this file: the dotted name that it stands for."""
        found = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
        return found

    def dotted(self, node: ast.AST) -> str:
        """`Thread` or `threading.Thread` as "threading.Thread"; "" for what is no chain of names."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            before = self.dotted(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""


type Find = Callable[[Source], Iterator[ast.AST]]


@dataclass(frozen=True)
class Rule:
    """One thing that is not done. `allowed`: the beginning of a path, and why it is done there."""

    numbers: tuple[str, ...]
    says: str
    find: Find
    planted: tuple[str, ...]
    fine: tuple[str, ...] = ()
    allowed: Mapping[str, str] = field(default_factory=dict)
    migrations: bool = False

    def fires(self, source: Source) -> list[Found]:
        """Where, whatever is allowed."""
        found = {(getattr(node, "lineno", 0), ast.unparse(node)[:80]) for node in self.find(source)}
        return [Found(source.path, line, what) for line, what in sorted(found)]

    def __str__(self) -> str:
        return f"{', '.join(self.numbers)}: {self.says}"


def sources() -> list[Source]:
    """All shipped files, the migrations too."""
    files = [file for top in TOPS for file in sorted((ROOT / top).rglob("*.py"))]
    return [Source(str(file.relative_to(ROOT)), file.read_text()) for file in files]


def violations(rule: Rule, source: Source) -> list[Found]:
    if rule.migrations != ("/migrations/" in source.path):
        return []
    if any(source.path.startswith(place) for place in rule.allowed):
        return []
    return rule.fires(source)


# What most rules look for.


def named(*forbidden: str) -> Find:
    """Any import or use of these dotted names, or of what is below them."""

    def find(source: Source) -> Iterator[ast.AST]:
        for node in source.nodes:
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Name | ast.Attribute):
                names = [source.dotted(node)]
            else:
                continue
            if any(name == bad or name.startswith(f"{bad}.") for name in names for bad in forbidden):
                yield node

    return find


def attributes(*names: str) -> Find:
    """Any `something.name`, read, called or set, whatever `something` is; and the bare name where it is imported."""

    def find(source: Source) -> Iterator[ast.AST]:
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr in names:
                yield node

    return find


def calls_of(*methods: str) -> Find:
    """Any call of `something.method(...)`."""

    def find(source: Source) -> Iterator[ast.AST]:
        for node in source.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods:
                yield node

    return find


def texts(*parts: str) -> Find:
    """Any string that holds one of these, in whatever case; docstrings are not looked at."""

    def find(source: Source) -> Iterator[ast.AST]:
        docs = {
            id(body[0].value)
            for node in source.nodes
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and (body := node.body)
            and isinstance(body[0], ast.Expr)
        }
        for node in source.nodes:
            text = node.value if isinstance(node, ast.Constant) and id(node) not in docs else None
            if isinstance(text, str) and any(part.lower() in text.lower() for part in parts):
                yield node

    return find


def either(*finds: Find) -> Find:
    def find(source: Source) -> Iterator[ast.AST]:
        for each in finds:
            yield from each(source)

    return find
