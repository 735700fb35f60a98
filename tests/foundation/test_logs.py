"""Logs are JSON lines without health data: what is not on the list does not leave the process."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from foundation.logs import get_logger, request_id

CANARY = "CANARY-Hemoglobin-A1c"


type Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What our own handler wrote during the test."""
    handlers = [h for h in logging.getLogger().handlers if isinstance(h.formatter, structlog.stdlib.ProcessorFormatter)]
    (handler,) = handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    if before is not None:
        handler.setStream(before)


def test_a_line_is_json_with_its_request(lines: Lines) -> None:
    token = request_id.set("req-7")
    get_logger("tests").info("sync.finished", count=3)
    request_id.reset(token)
    (line,) = lines()
    assert (line["event"], line["count"], line["request_id"]) == ("sync.finished", 3, "req-7")


@pytest.mark.security("S64")
def test_a_field_that_is_not_on_the_list_is_dropped(lines: Lines) -> None:
    get_logger("tests").info("result.read", name=CANARY, value="5.9")
    text = json.dumps(lines())
    assert CANARY not in text
    assert "5.9" not in text
    assert '"dropped": 2' in text


@pytest.mark.security("S64")
def test_an_exception_is_logged_by_type_and_place_and_never_by_its_words(lines: Lines) -> None:
    try:
        raise ValueError(f"bad value {CANARY}")
    except ValueError:
        get_logger("tests").exception("request.failed")
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert "test_logs.py" in str(line["where"])
    assert CANARY not in json.dumps(line)


@pytest.mark.security("S64")
def test_a_librarys_own_words_do_not_pass(lines: Lines) -> None:
    try:
        raise KeyError(CANARY)
    except KeyError:
        logging.getLogger("some.library").exception("could not parse %s\nFORGED LINE", CANARY)
    (line,) = lines()
    assert line["event"] == "library.error"
    assert line["error"] == "KeyError"
    assert CANARY not in json.dumps(line)
    assert "FORGED" not in json.dumps(line)
