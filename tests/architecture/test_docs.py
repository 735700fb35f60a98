"""What the pages name is there: links, commands, make targets, dependencies, variables."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.core.management import get_commands

from foundation.registry import hospital_commands

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)(?: ([a-z][a-z-]*(?:\|[a-z-]+)*))?")
TARGET = re.compile(r"(?:`|^|\$ )make ([a-z][a-z-]*)", re.MULTILINE)
FILE = re.compile(r"`((?:docs|platform|tests|themes|tenants|cms|requirements|portal|foundation|config)/[\w./-]*)`")
VARIABLE = re.compile(r"`((?:PORTICO|EMAIL)_[A-Z_]+[A-Z])`")
PORTAL = ("platform/foundation", "platform/portal", "platform/console", "platform/config", "tenants", "themes", "cms")
NOT_SHIPPED = ("demo", "bench", "runner", "tooling")


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for link in LINK.findall(page.read_text()):
        if "://" not in link and not link.startswith("#"):
            assert (page.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    for name in FILE.findall(page.read_text()):
        assert any((top / name).exists() for top in (ROOT, ROOT / "platform", ROOT / "themes" / "templates")), name


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    for command, subcommands in COMMAND.findall(page.read_text()):
        assert command in get_commands(), command
        if command == "hospital":
            assert {name for name in subcommands.split("|") if name} <= set(dict(hospital_commands.items()))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_make_target_that_a_page_names_is_there(page: Path) -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(page.read_text())) <= there


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_variable_that_a_page_names_is_read(page: Path) -> None:
    sources = [*ROOT.glob("platform/**/*.py"), *ROOT.glob("te*/*.py"), ROOT / "Makefile"]
    text = "".join(file.read_text() for file in sources)
    for name in VARIABLE.findall(page.read_text()):
        assert name in text, name


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    for file in ROOT.glob("requirements/*.in"):
        for line in file.read_text().splitlines():
            name = re.split(r"[\[=<>#\s]", line)[0]
            assert not name or name.startswith("-") or f"| {name} |" in page, name


def test_what_the_portal_imports_is_in_the_lock_of_production() -> None:
    lock = (ROOT / "requirements" / "base.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9._-]+?)(?:\[.*?\])?==", lock, re.MULTILINE))
    providers = packages_distributions()
    own = {"foundation", "config", "portal", "console", "tenants", "themes", "cms"}
    for file, name in imports():
        if name not in own and name not in sys.stdlib_module_names:
            wheels = {wheel.lower().replace("_", "-") for wheel in providers.get(name, [name])}
            assert wheels & {wheel.replace("_", "-") for wheel in locked}, f"{name} in {file}"


def imports() -> Iterator[tuple[Path, str]]:
    """The packages that shipped code imports when it is loaded, and where."""
    for top in PORTAL:
        for file in (ROOT / top).rglob("*.py"):
            if not set(NOT_SHIPPED) & set(file.parts):
                for node in ast.parse(file.read_text()).body:
                    if isinstance(node, ast.Import):
                        yield from ((file, alias.name.partition(".")[0]) for alias in node.names)
                    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                        yield file, node.module.partition(".")[0]


READERS = {"env_str", "env_bool", "env_int", "env_list", "env_secret"}


def test_operations_names_every_variable_that_the_settings_read() -> None:
    """Those of a deployment; what the demo alone reads stands on its own page."""
    read: dict[str, Path] = {}
    for file in (ROOT / "platform").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            known = isinstance(node, ast.Call) and getattr(node.func, "id", "") in READERS
            if known and isinstance(given := next(iter(node.args), None), ast.Constant):  # type: ignore[attr-defined]
                read[str(given.value)] = file
    pages = {page: (ROOT / "docs" / page).read_text() for page in ("operations.md", "demo.md")}
    assert {"DATABASE_URL", "SECRET_KEY", "PORTICO_TLS"} <= set(read)
    for name, file in sorted(read.items()):
        page = "demo.md" if file.name == "demo.py" else "operations.md"
        assert f"`{name}`" in pages[page] or f"`{name}`" in pages["operations.md"], f"{name} of {file.name}: {page}"
