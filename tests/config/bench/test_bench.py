"""The measurement's own promises: parts, the table, the rounds, and that both sides of a comparison read the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client, RequestFactory

from config.bench import charts, views, visitors
from config.bench.__main__ import PARTS, parsed
from config.bench.driving import Ask, Plan
from config.bench.pages import MOST_STATEMENTS, PAGES, statements_of
from config.bench.rounds import Round, interleaved, percentile, rate, ratio
from config.bench.table import Row, at_most, rendered
from foundation.clock import now
from foundation.tenancy import HospitalRecord, inside
from portal.ehr.connectors.memory import MemoryEHR


def test_all_parts_are_measured_unless_some_are_named_and_always_in_the_same_order() -> None:
    assert parsed([]).parts == list(PARTS)
    assert parsed(["fleet", "onboarding"]).parts == ["onboarding", "fleet"]
    assert parsed(["--profile"]).profile


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(["speed"])
    assert "onboarding" in capsys.readouterr().err


def test_the_table_says_the_ratio_and_whether_the_aim_is_met() -> None:
    text = rendered([
        Row("pages", "home page", "300/s", "one statement", "500/s", 0.6, ">= 0.5", 3.2, 9.9, 7),
        Row("pages", "empty view with tenancy", "900/s", "without", "990/s", 1.1, "<= 1.05"),
        Row("onboarding", "hospital create", "0.4 s", "by migrations", "17 s", 0.0235, "<= 0.1"),
        at_most("pages", "statements", 9, 8),
    ])  # fmt: skip
    lines = text.splitlines()
    assert len({len(line) for line in lines}) == 1
    assert "0.60" in lines[2]
    assert lines[2].rstrip("| ").endswith("met")
    assert lines[3].rstrip("| ").endswith("missed")
    assert "0.024" in lines[4]
    assert lines[5].rstrip("| ").endswith("missed")


def test_rounds_go_forth_and_back_and_their_medians_are_compared() -> None:
    order: list[str] = []

    def contender(name: str, requests: int) -> Callable[[], Round]:
        def run() -> Round:
            order.append(name)
            return Round(1.0, (0.001,) * requests)

        return run

    found = interleaved({"a": contender("a", 50), "b": contender("b", 100)}, 2)
    assert order == ["a", "b", "b", "a"]
    assert rate(found["a"]) == 50
    assert ratio(found["a"], found["b"]) == 0.5
    assert percentile(found["a"], 0.99) == 1.0


def test_a_plan_survives_the_way_to_the_other_process() -> None:
    plan = Plan(8000, (Ask("mercy.localhost", "/", "a=b"),), most=10, seconds=1.5)
    assert Plan.read(plan.written()) == plan


@pytest.fixture
def rich(mercy: HospitalRecord) -> Iterator[visitors.Visitor]:
    """Somebody at mercy with the rich chart, of one patient of the demo."""
    charts.offered(charts.written(now().date(), 1))
    assert charts.synchronised(mercy) > 100
    visitors.add_visitor(mercy, charts.RICH_PATIENT)
    yield visitors.visitor(mercy)
    MemoryEHR.forget(charts.ADDRESS)


def test_texts_are_those_of_so_many_patients_and_of_what_they_share() -> None:
    kinds = [json.loads(text)["resourceType"] for text in charts.written(date(2026, 3, 2), 2)]
    assert kinds.count("Patient") == 2
    assert "Practitioner" in kinds


def _bare(page: str, visitor: visitors.Visitor, hospital: HospitalRecord) -> Any:
    with inside(hospital):
        answer = views.statement(RequestFactory().get("/"), page, visitor.patient_id, visitor.user_id)
    assert isinstance(answer, HttpResponse)
    return json.loads(answer.content)


def _page(address: str, visitor: visitors.Visitor) -> str:
    name, _, key = visitor.cookies.partition("=")
    client = Client(SERVER_NAME=visitor.host)
    client.cookies[name] = key
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_bare_statement_gives_the_numbers_that_the_home_page_shows(
    mercy: HospitalRecord, rich: visitors.Visitor
) -> None:
    found, page = _bare("home", rich, mercy), _page("/", rich)
    assert found["new"]
    for item in found["new"]:
        assert f"/{item['id']}/" in page
        assert item["value_kind"] != "quantity" or f'<data value="{item["value_text"]}">' in page
    assert found["visit"] is None or found["visit"]["id"] in page


def test_the_bare_statement_gives_the_numbers_that_the_results_list_shows(
    mercy: HospitalRecord, rich: visitors.Visitor
) -> None:
    found, page = _bare("results", rich, mercy), _page("/results/", rich)
    shown = re.findall(r'<data value="([^"]+)">', page)
    assert len(shown) > 20
    numbers = {item["value_text"] for item in found if item["value_kind"] in ("quantity", "integer")}
    assert set(shown) <= numbers


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """The handler closes what is in a transaction, which is all that the test has."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("address", PAGES.values())
def test_a_page_of_a_rich_chart_sends_at_most_eight_statements(rich: visitors.Visitor, address: str) -> None:
    assert 4 <= statements_of(rich, address) <= MOST_STATEMENTS


def test_the_empty_view_is_empty() -> None:
    answer = views.empty(RequestFactory().get("/"))
    assert isinstance(answer, HttpResponse)
    assert answer.content == b"empty\n"
