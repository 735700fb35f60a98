"""What stands in the way of a start is said in one sentence."""

import ast
import errno
import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from config.runner import checks
from config.runner.errors import CannotRun

RUNNER = Path(checks.__file__).parent


def test_a_port_that_is_taken_gives_a_sentence_that_names_another_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotRun, match=rf"^Port {port} is taken by another program\. .* make demo PORT="):
            checks.port_free(port)


def test_a_port_that_nobody_has_is_free() -> None:
    with socket.socket() as was_there:
        was_there.bind(("127.0.0.1", 0))
        port = was_there.getsockname()[1]
    checks.port_free(port)


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_gives_a_sentence(text: str) -> None:
    with pytest.raises(CannotRun, match="PORT is "):
        checks.port(text)


@pytest.mark.parametrize("text", [None, ""])
def test_without_a_port_it_is_8000(text: str | None) -> None:
    assert checks.port(text) == 8000


def test_a_full_disk_gives_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 5_000_000, 5_000_000))
    with pytest.raises(CannotRun, match=r"is full: 5 MB are free and 200 MB are needed\.$"):
        checks.enough_disk(tmp_path / "not" / "there" / "yet", megabytes=200)


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "The disk is full"), (errno.EACCES, "belongs to another user"), (errno.EROFS, "cannot be written")],
)
def test_what_the_system_refuses_is_said_plainly(number: int, words: str) -> None:
    sentence = checks.said_plainly(OSError(number, "x", "/somewhere/file"))
    assert sentence is not None
    assert words in sentence
    assert "/somewhere/file" in sentence


def test_a_problem_that_no_person_can_mend_keeps_its_traceback() -> None:
    assert checks.said_plainly(OSError(errno.EBADF, "x")) is None


def test_a_missing_pango_is_named_with_the_line_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_loads", lambda name: "pango" not in name)
    monkeypatch.setattr(shutil, "which", lambda tool: "/usr/bin/apt-get" if tool == "apt-get" else None)
    sentence = checks.missing_pango()
    assert sentence is not None
    assert "PDF" in sentence
    assert sentence.endswith(checks.MENDS["apt-get"])


def test_with_pango_there_is_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_loads", lambda name: True)
    assert checks.missing_pango() is None


def test_every_refusal_is_a_sentence() -> None:
    """Each text given to CannotRun starts with a capital or a value, and says something to its end."""
    texts = [text for file in RUNNER.glob("*.py") for text in _refusals(ast.parse(file.read_text()))]
    assert len(texts) > 12
    for text in texts:
        assert text[0].isupper() or text[0] in "{uv", text
        assert " " in text


def _refusals(tree: ast.Module) -> list[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "CannotRun"]
    given = [call.args[0] for call in calls]
    return [
        ast.unparse(text).lstrip("f").strip("'\"") for text in given if isinstance(text, ast.Constant | ast.JoinedStr)
    ]
