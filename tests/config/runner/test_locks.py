"""One demo a clone."""

import os
from pathlib import Path

import pytest

from config.runner import demo
from config.runner.environment import Places
from config.runner.errors import CannotRun
from config.runner.locks import held


def test_a_second_demo_of_one_clone_is_refused_in_one_sentence(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "places", lambda: where)
    refusal = rf"^The demo of this clone runs already \(process {os.getpid()}\)\. "
    with held(where.var / "demo.lock", "taken"), pytest.raises(CannotRun, match=refusal):
        demo.run()


def test_a_lock_is_free_again_when_its_holder_has_gone(tmp_path: Path) -> None:
    with held(tmp_path / "lock", "taken"):
        pass
    with held(tmp_path / "lock", "taken"):
        pass
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
