"""What goes wrong tells nobody whose record it was: in a page, in middleware, in a task, in a command, in a thread."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.db import IntegrityError, connection, transaction
from django.test import Client

from config.runner.postgres import SETTINGS as POSTGRES
from foundation.tasks import hospital_task, ticket
from foundation.tenancy import HospitalRecord
from portal.access.models import Patient
from tests.conftest import address_of
from tests.isolation.conftest import Twin
from tests.isolation.routes import body

type Browsers = Callable[..., Client]
ROOT = Path(__file__).parents[2]
SECRET = "CANARY-BROKEN"
WORDS = f"{SECRET} has Essential hypertension, 162 mg/dL"


class Broken(Exception):
    """Carries what an error must not tell: in its words, its notes, its cause and its frame's variables."""


def break_down(*_args: Any, **_kwargs: Any) -> Any:
    name_of_somebody = SECRET  # a frame's variable: an error page that shows those would show it
    try:
        raise KeyError(name_of_somebody)
    except KeyError as cause:
        error = Broken(WORDS)
        error.add_note(SECRET)
        raise error from cause


def break_a_constraint(*_args: Any, **_kwargs: Any) -> Any:
    """The database quotes the values of the row in the DETAIL of its error."""
    with transaction.atomic():
        for _ in range(2):
            Patient.objects.create(fhir_id=SECRET, name=SECRET)


@hospital_task(name="tests.isolation.broken")
def broken_task(*, how: str) -> None:
    (break_a_constraint if how == "constraint" else break_down)()


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """What our own handler wrote."""
    (handler,) = (h for h in logging.getLogger().handlers if is_ours(h))
    assert isinstance(handler, logging.StreamHandler)
    out = io.StringIO()
    before = handler.setStream(out)
    yield out.getvalue
    if before is not None:
        handler.setStream(before)


def is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)


def tells_nothing(text: str) -> bool:
    return not any(word in text for word in ("CANARY", "hypertension", "mg/dL", "fhir_id"))


BREAKING = {"an error": break_down, "a constraint": break_a_constraint}


@pytest.mark.security("S64")
@pytest.mark.security("S74")
@pytest.mark.parametrize("how", sorted(BREAKING))
@pytest.mark.parametrize("place", ["view", "template", "middleware"])
def test_a_page_that_fails_tells_nothing_to_anybody(
    twins: tuple[Twin, Twin], client_for: Browsers, lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch,
    place: str, how: str,
) -> None:  # fmt: skip
    here, _there = twins
    where = {
        "view": "portal.records.views.chart.page",
        "template": "themes.context.brand_of",
        "middleware": "portal.access.middleware.viewer_for",
    }[place]
    browser = client_for(here.hospital, here.user)
    monkeypatch.setattr(where, BREAKING[how])
    answer = browser.get("/records/")
    assert answer.status_code == 500
    page = body(answer).decode()
    assert tells_nothing(page)
    assert here.canary not in page
    assert "Traceback" not in page
    assert answer.headers["X-Request-Id"] in page
    said = [json.loads(line) for line in lines().splitlines()]
    assert tells_nothing(lines())
    errors = {"Broken"} if how == "an error" else {"IntegrityError", "UniqueViolation"}
    failed = [line for line in said if line.get("error") in errors]
    assert failed, "somebody has to be told that it failed, and where"
    assert all(line["request_id"] == answer.headers["X-Request-Id"] for line in failed)
    assert any("test_errors.py" in str(line["where"]) or "utils.py" in str(line["where"]) for line in failed)


@pytest.mark.security("S64")
@pytest.mark.parametrize("how", ["error", "constraint"])
def test_a_task_that_fails_tells_nothing(mercy: HospitalRecord, lines: Callable[[], str], how: str) -> None:
    given = {"how": how}
    answer = broken_task.task.apply(
        kwargs={"hospital": ticket(mercy, broken_task.name, given), "arguments": given}, throw=False
    )
    assert isinstance(answer.result, Broken | IntegrityError)
    said = [json.loads(line) for line in lines().splitlines()]
    assert any(line.get("error") in {"Broken", "IntegrityError"} for line in said)
    assert tells_nothing(lines())


COMMAND = """
import sys
sys.path[:0] = ['.', 'platform']
import threading
import django
django.setup()
from tests.isolation import test_errors
from django.core.management import execute_from_command_line
from foundation.tenancy import inside
from tenants.queries import hospital_by_slug
import portal.ehr.commands.sync as sync
how = getattr(test_errors, sys.argv[1])
if sys.argv[2] == 'command':
    sync.synchronise = how
    execute_from_command_line(['manage.py', 'hospital', 'sync', 'mercy'])
elif sys.argv[2] == 'thread':
    def work():
        with inside(hospital_by_slug('mercy')):
            how()
    one = threading.Thread(target=work)
    one.start()
    one.join()
else:
    class Ends:
        def __del__(self):
            test_errors.break_down()
    ends = Ends()
    del ends
"""


@pytest.mark.security("S64")
@pytest.mark.parametrize(
    ("how", "place"),
    [("break_down", "command"), ("break_a_constraint", "command"), ("break_down", "thread"), ("break_down", "end")],
)
def test_a_process_whose_error_nobody_catches_tells_nothing(lasting_database: None, how: str, place: str) -> None:
    """Python's own last words would quote the error, on standard error, which is a log like any other."""
    environment = {**os.environ, "DATABASE_URL": address_of(connection.settings_dict["NAME"])}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, how, place], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert tells_nothing(done.stdout + done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    said = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [line["error"] for line in said] == ["IntegrityError" if "constraint" in how else "Broken"]
    assert said[0]["where"]
    assert (done.returncode != 0) is (place == "command")


@pytest.mark.security("S64")
def test_every_handler_of_every_logger_is_the_one_that_redacts() -> None:
    strange = []
    tests_own = {"lark", "detect-secrets"}  # what only the checks of the supply chain load
    for logger in [logging.getLogger(), *logging.root.manager.loggerDict.values()]:
        for handler in getattr(logger, "handlers", []):
            of_pytest = "pytest" in type(handler).__module__ or isinstance(handler, logging.NullHandler)
            if not is_ours(handler) and not of_pytest and getattr(logger, "name", "") not in tests_own:
                strange.append((logger, handler))
    assert strange == []


@pytest.mark.security("S64")
def test_the_databases_own_log_quotes_no_statement_and_no_value() -> None:
    """DETAIL lines of errors quote rows; "terse" leaves them out."""
    assert POSTGRES["log_statement"] == "none"
    assert POSTGRES["log_min_error_statement"] == "panic"
    assert POSTGRES["log_error_verbosity"] == "terse"
    assert POSTGRES["log_parameter_max_length"] == POSTGRES["log_parameter_max_length_on_error"] == "0"
    assert POSTGRES.get("log_min_duration_statement", "-1") == "-1"
    assert POSTGRES.get("log_duration", "off") == "off"


@pytest.mark.security("S64")
def test_an_error_of_the_database_is_logged_by_type_alone(in_mercy: HospitalRecord, lines: Callable[[], str]) -> None:
    with pytest.raises(IntegrityError) as raised:
        break_a_constraint()
    assert SECRET in str(raised.value), "the database did quote it"
    logging.getLogger("some.library").error("could not store %s", SECRET, exc_info=raised.value)
    (line,) = (json.loads(line) for line in lines().splitlines())
    assert (line["error"], line["event"]) == ("IntegrityError", "library.error")
    assert tells_nothing(lines())
