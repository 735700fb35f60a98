"""Where the embedded servers live, and whose they are."""

import os
import stat
from pathlib import Path

import pytest

from config.runner import environment
from config.runner.environment import Places, make_folders, path_hash, places, socket_folder
from config.runner.errors import CannotRun


def test_two_clones_have_two_folders() -> None:
    one, other = path_hash(Path("/home/alice/portico")), path_hash(Path("/home/ben/portico"))
    assert one != other
    assert one == path_hash(Path("/home/alice/portico"))
    assert len(one) == 16
    assert set(one) <= set("0123456789abcdef")


def test_a_normal_users_servers_live_in_the_clone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    where = places(tmp_path)
    assert where.servers == tmp_path / "var" / "servers"
    assert where.account is None


def test_roots_servers_live_outside_the_clone_and_are_not_roots(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    where = places(tmp_path)
    assert where.servers == Path("/var/lib/portico") / path_hash(tmp_path)
    assert where.account is not None
    assert where.account.uid != 0


def test_a_socket_lies_beside_its_data(where: Places) -> None:
    folder = socket_folder(where, "demo")
    assert folder.is_relative_to(where.servers)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(where: Places) -> None:
    deep = where.servers / ("a" * 90)
    deep.mkdir()
    folder = socket_folder(Places(where.clone / "deep", where.var, deep, where.account), "demo")
    try:
        assert len(str(folder)) < 80
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        folder.rmdir()


def test_the_database_of_an_earlier_clone_at_the_same_path_is_forgotten(
    where: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    if where.account is None:
        pytest.skip("as a normal user the database lies in the clone and goes with it")
    (where.servers / "old").mkdir()
    make_folders(where)
    assert (where.servers / "old").exists()
    (where.var / "servers.id").unlink()  # the clone was removed and made again
    make_folders(where)
    assert not (where.servers / "old").exists()
    assert "starting anew" in capsys.readouterr().out


def test_a_user_without_a_name_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000_001)
    with pytest.raises(CannotRun, match="just the number 4000000001"):
        environment.account_has_a_name()


def test_the_clone_is_where_the_runner_lies() -> None:
    assert (environment.CLONE / "manage.py").exists()
