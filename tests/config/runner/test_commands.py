"""The commands behind the Makefile, and the Python they need."""

import ast
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.runner import __main__ as runner
from config.runner import chromium, clean, install, messages, sign_ins, statics
from config.runner.environment import CLONE, Places
from config.runner.errors import CannotRun
from config.runner.locks import held

FOLDER = Path(runner.__file__).parent
ANY_PYTHON = ["__init__", "__main__", "errors", "progress", "locks", "environment", "checks", "install", "clean"]


@pytest.mark.parametrize("name", ANY_PYTHON)
def test_what_makes_the_environment_runs_on_the_machines_own_python(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(), feature_version=(3, 8))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            siblings = [node.module] if node.module else [alias.name for alias in node.names]
            assert set(siblings) <= set(ANY_PYTHON)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            assert {found.split(".")[0] for found in names} <= sys.stdlib_module_names


def test_nothing_has_to_be_installed_to_ask_for_it() -> None:
    """Without site-packages, as the Makefile's BOOTSTRAP does it before the environment is there."""
    command = [sys.executable, "-S", "-B", "-m", "runner", "what?"]
    env = {"PYTHONPATH": str(FOLDER.parent), "PATH": os.environ["PATH"]}
    answer = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "install|clean-demo" in answer.stdout


@pytest.mark.parametrize("command", sorted(runner.COMMANDS))
def test_every_command_has_its_function(command: str) -> None:
    module, function = runner.COMMANDS[command].split(":")
    assert callable(getattr(importlib.import_module(f"config.runner.{module}"), function))


def test_every_command_of_the_makefile_exists() -> None:
    words = [line.split("$(RUNNER) ")[1].split()[0] for line in makefile() if "$(RUNNER) " in line]
    words += [line.split("$(BOOTSTRAP) ")[1].split()[0] for line in makefile() if "$(BOOTSTRAP) " in line]
    assert {"demo", "install", "clean-demo", "with-servers"} <= set(words) <= set(runner.COMMANDS)


def makefile() -> list[str]:
    return (CLONE / "Makefile").read_text().splitlines()


def test_a_refusal_ends_with_its_sentence_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, where: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sign_ins, "places", lambda: where)
    assert runner.main(["sign-ins"]) == 1
    assert capsys.readouterr().err == "There are no sign-ins yet: make demo makes them.\n"


def test_a_full_disk_met_on_the_way_is_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> int:
        raise OSError(28, "No space left on device", "/var/lib/portico/x")

    monkeypatch.setattr(sign_ins, "run", full)
    assert runner.main(["sign-ins"]) == 1
    assert capsys.readouterr().err.startswith("The disk is full")


def test_clean_demo_removes_what_was_made_and_keeps_what_was_fetched(
    monkeypatch: pytest.MonkeyPatch, where: Places
) -> None:
    monkeypatch.setattr(clean, "places", lambda: where)
    (where.var / "demo.json").write_text("{}")
    (where.var / "bootstrap").mkdir()
    (where.servers / "demo").mkdir()
    assert clean.run() == 0
    assert [path.name for path in where.var.iterdir()] == ["bootstrap"]
    assert not where.servers.exists()
    assert clean.run() == 0  # and once more, with nothing there


def test_clean_demo_leaves_a_running_demo_alone(monkeypatch: pytest.MonkeyPatch, where: Places) -> None:
    monkeypatch.setattr(clean, "places", lambda: where)
    with held(where.var / "demo.lock", "taken"), pytest.raises(CannotRun, match=str(os.getpid())):
        clean.run()
    assert where.servers.exists()


@pytest.mark.parametrize(("at", "digits"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_the_codes_are_those_of_rfc_6238(at: int, digits: str) -> None:
    assert sign_ins.code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at) == digits  # appendix B, its last six digits


def test_the_sign_ins_name_every_person(where: Places, capsys: pytest.CaptureFixture[str]) -> None:
    people: list[dict[str, Any]] = [
        {"role": "patient", "username": "alice", "password": "p1", "totp_secret": "JBSWY3DPEHPK3PXP"},
        {"role": "admin", "username": "ada", "password": "p2", "totp_secret": None},
    ]
    hospital = {"name": "Mercy General Hospital", "url": "http://mercy.localhost:8000/", "people": people}
    where.sign_ins.write_text(
        json.dumps({"hospitals": [hospital], "vendor": {"url": "http://localhost:8000/", "people": []}})
    )
    sign_ins.tell(where)
    shown = capsys.readouterr().out
    for word in ("Mercy General Hospital", "http://mercy.localhost:8000/", "alice", "p1", "ada", "JBSWY3DPEHPK3PXP"):
        assert word in shown


PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Result"
msgstr "Resultado"
"""


def test_translations_are_compiled_when_they_changed(tmp_path: Path) -> None:
    folder = tmp_path / "platform" / "portal" / "locale" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO)
    assert messages.compile_all(tmp_path) == 1
    assert b"Resultado" in (folder / "django.mo").read_bytes()
    os.utime(folder / "django.po", (1, 1))
    assert messages.compile_all(tmp_path) == 0
    os.utime(folder / "django.mo", (0, 0))
    assert messages.compile_all(tmp_path) == 1


def test_a_changed_static_file_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("django==6.1.3\n")
    sheet = tmp_path / "themes" / "static" / "ds" / "portico.css"
    sheet.parent.mkdir(parents=True)
    sheet.write_text("a{}")
    before = statics.fingerprint(tmp_path)
    assert statics.fingerprint(tmp_path) == before
    sheet.write_text("a{color:red}")
    assert statics.fingerprint(tmp_path) != before


def test_a_browser_that_is_given_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_CHROMIUM", sys.executable)
    assert chromium.path() == Path(sys.executable)


def test_a_browser_that_is_given_and_not_there_gives_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(CannotRun, match="which is no program"):
        chromium.path()


def test_without_a_browser_the_tests_fail_with_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PORTICO_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "NAMES", ("no-such-browser",))
    monkeypatch.setattr(chromium, "IN_APPLICATIONS", ())
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(CannotRun, match="No Chromium was found"):
        chromium.path()
    for build in ("chromium-1001", "chromium-999"):
        program = tmp_path / build / "chrome-linux" / "chrome"
        program.parent.mkdir(parents=True)
        program.touch(mode=0o755)
    assert chromium.path() == tmp_path / "chromium-1001" / "chrome-linux" / "chrome"


def test_an_update_of_the_lock_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = dict.fromkeys(install.INPUTS, "new")
    install._tell(wanted, wanted | {install.LOCK: "old"})
    assert f"{install.LOCK} changed since the last start: installing" in capsys.readouterr().out


def test_a_machine_that_has_its_packages_from_a_mirror_is_heard(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX_STRATEGY"):
        monkeypatch.delenv(name, raising=False)
    found = {"index-url": "https://mirror.example/simple", "extra-index-url": "file:///x https://own.example/simple"}
    monkeypatch.setattr(install, "_pip_configuration", lambda python: found)
    env = install._uv_env(tmp_path)
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert env["UV_EXTRA_INDEX_URL"] == "https://own.example/simple"
