"""A shell beside the running demo: the web server's environment, or the provisioner's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.runner import in_demo
from config.runner.environment import Places
from config.runner.errors import CannotRun


@pytest.fixture
def where(tmp_path: Path) -> Places:
    (tmp_path / "var").mkdir()
    (tmp_path / "servers" / "demo").mkdir(parents=True)
    (tmp_path / "servers" / "demo" / "password").write_text("pw\n")
    return Places(tmp_path, tmp_path / "var", tmp_path / "servers", None)


def test_it_has_the_login_that_owns_nothing(where: Places) -> None:
    env = in_demo.environment(where, {"PATH": "/bin"}, owner=False)
    assert env["DATABASE_URL"].startswith("postgresql://portico_runtime_")
    assert env["PORTICO_RUNTIME"] == "yes"
    assert "DATABASE_ADMIN_URL" not in env
    assert env["REDIS_URL"].endswith("/valkey.sock")
    assert env["PATH"].split(os.pathsep)[0] == str(where.python.parent)


def test_the_owners_side_has_both(where: Places) -> None:
    env = in_demo.environment(where, {"PATH": "/bin"}, owner=True)
    assert env["DATABASE_ADMIN_URL"].startswith("postgresql://portico:pw@")
    assert env["DATABASE_URL"].startswith("postgresql://portico_runtime_")


def test_given_addresses_are_taken(where: Places) -> None:
    given = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://d", "PORTICO_RUNTIME": "yes"}
    env = in_demo.environment(where, given, owner=False)
    assert {name: env[name] for name in given} == given


def test_without_a_demo_it_says_what_to_do(tmp_path: Path) -> None:
    nothing = Places(tmp_path, tmp_path / "var", tmp_path / "servers", None)
    with pytest.raises(CannotRun, match="make demo"):
        in_demo.environment(nothing, {}, owner=False)
