"""The shape of the house holds by itself: whoever breaks it is told."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import checks

from foundation.permissions import Access, access_of, open_to_all, requires, walk

ROOT = Path(__file__).parents[2]
SHELF = ROOT / "platform"
PACKAGES = ("foundation", "config", "portal", "console", "tenants", "themes", "cms")


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        top = SHELF / package if (SHELF / package).exists() else ROOT / package
        for file in top.rglob("*.py"):
            if "migrations" not in file.parts:
                yield file


def test_platform_is_a_shelf_and_the_standard_library_wins() -> None:
    assert not list(SHELF.glob("*.py"))
    import platform

    assert Path(inspect.getfile(platform)).parent != SHELF
    assert platform.system()


def test_no_package_bears_a_name_of_the_standard_library() -> None:
    names = {entry.parent.name for root in (ROOT, SHELF) for entry in root.glob("*/__init__.py")}
    assert names >= {"foundation", "tenants"}
    assert not names & set(sys.stdlib_module_names)


def test_each_app_stands_in_exactly_one_list() -> None:
    lists = (settings.PUBLIC_APPS, settings.EVERYWHERE_APPS, settings.HOSPITAL_APPS)
    named = [name for apps_of in lists for name in apps_of]
    assert len(named) == len(set(named))
    with_models = {c.name for c in apps.get_app_configs() if list(c.get_models(include_auto_created=True))}
    assert with_models <= set(named)


def test_no_foreign_key_leads_from_a_hospital_to_public() -> None:
    public = set(settings.PUBLIC_APPS)
    hospital = {c.name: c for c in apps.get_app_configs() if c.name in settings.TENANT_APPS}
    for config in hospital.values():
        for model in config.get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                related = getattr(field, "related_model", None)
                if field.concrete and related is not None and not isinstance(related, str):
                    assert related._meta.app_config.name not in public, f"{model.__name__}.{field.name}"


def test_every_model_table_of_ours_has_a_sortable_key_or_a_reason() -> None:
    assert settings.AUTH_USER_MODEL == "accounts.User"
    for label in ("sites", "admin"):
        assert not apps.is_installed(f"django.contrib.{label}")


def test_every_public_function_in_actions_is_an_action_or_leads_to_one() -> None:
    """A function in an actions module that is not decorated must itself call a decorated one of its module."""
    for file in sources():
        if file.name != "actions.py" and file.parent.name != "actions":
            continue
        tree = ast.parse(file.read_text())
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        decorated = {
            f.name for f in functions for d in f.decorator_list
            if isinstance(d, ast.Call) and getattr(d.func, "id", "") == "action"
        }  # fmt: skip
        for function in functions:
            if function.name.startswith("_") or function.name in decorated:
                continue
            if "by" not in {a.arg for a in function.args.kwonlyargs}:
                continue
            called = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
            assert called & decorated, f"{file.relative_to(ROOT)}: {function.name} writes without @action"


@pytest.mark.security("S22")
def test_every_view_declares_its_permission() -> None:
    assert not [m for m in checks.run_checks(tags=[checks.Tags.urls]) if m.id and m.id.startswith("portico.")]


@pytest.mark.parametrize("urlconf", [settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF])
def test_the_walk_sees_every_route(urlconf: str) -> None:
    routes = list(walk(import_module(urlconf).urlpatterns))
    assert len(routes) > 5
    assert all(isinstance(access_of(r.callback), Access) for r in routes)


@pytest.mark.security("S22")
def test_a_view_without_a_permission_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.http import HttpResponse
    from django.urls import path

    import config.urls

    undeclared = path("leak/", lambda request: HttpResponse("data"))
    monkeypatch.setattr(config.urls, "urlpatterns", [*config.urls.urlpatterns, undeclared])
    found = [m.id for m in checks.run_checks(tags=[checks.Tags.urls])]
    assert "portico.E001" in found

    unknown = path("odd/", requires("nobody.declared.this")(lambda request: HttpResponse("")))
    fine = path("fine/", open_to_all(lambda request: HttpResponse("")))
    monkeypatch.setattr(config.urls, "urlpatterns", [unknown, fine])
    assert [m.id for m in checks.run_checks(tags=[checks.Tags.urls]) if m.id and m.id.startswith("portico")] == [
        "portico.E002"
    ]


LONGEST_FILE = 300
LONGEST_FUNCTION = 40


def test_no_file_outgrows_three_hundred_lines_and_no_function_forty() -> None:
    grown = []
    for file in sources():
        text = file.read_text()
        if len(text.splitlines()) > LONGEST_FILE:
            grown.append(f"{file.relative_to(ROOT)}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION:
                grown.append(f"{file.relative_to(ROOT)}: {node.name} is {node.end_lineno - node.lineno + 1} lines")  # type: ignore[operator]
    assert not grown, "\n".join(grown)


def test_each_package_says_what_lives_in_it() -> None:
    silent = []
    for file in sources():
        if (
            file.name == "__init__.py"
            and "management" not in file.parts
            and not ast.get_docstring(ast.parse(file.read_text()))
        ):
            silent.append(str(file.relative_to(ROOT)))
    assert not silent, silent


BANNED = re.compile(r"\b(schema_context|tenant_context|tenant_schemas_celery|connection\.set_schema|unsafe-inline)\b")
VAGUE = re.compile(r"class \w*(Manager|Service|Helper|Handler)\b|(^|/)(utils|common|misc|helpers)\.py$")


def test_what_leaks_is_named_nowhere() -> None:
    for file in sources():
        found = BANNED.search(file.read_text())
        assert not found or file.parent.name in {"tenancy", "database"}, f"{file.relative_to(ROOT)}: {found}"
        assert not VAGUE.search(str(file.relative_to(ROOT))), file


def test_process_wide_caches_are_few_and_explained() -> None:
    """lru_cache and cache are banned by ruff; each exception carries its reason on the line."""
    for file in sources():
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if re.search(r"^\s*@(functools\.)?(lru_cache|cache)\b", line) or re.search(
                r"from functools import .*cache", line
            ):
                assert "TID251" in line or "noqa" in line or line.lstrip().startswith("@"), f"{file}:{number}"


MOST_MODULES = 15


def test_foundation_stays_small() -> None:
    """Every package stands on it: what is put in there is everybody's."""
    held = [
        entry.name for entry in (SHELF / "foundation").iterdir()
        if (entry.suffix == ".py" and entry.stem != "__init__") or (entry / "__init__.py").exists()
    ]  # fmt: skip
    assert len(held) <= MOST_MODULES, sorted(held)
