"""The pages of the record: every value of the source is on them, as the source wrote it; nobody else's is."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from foundation.audit.models import AuditEvent as Event
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.models import User
from portal.ehr.models import Connection, PatientProgress
from portal.ehr.payload import decode, encode
from portal.records.models import Document, Opening, OtherItem, Panel, Result, Visit
from portal.records.names import plain_name
from tests.portal.records.conftest import Chart, Json, of_alice, result

LISTS = ("conditions", "medications", "allergies", "immunizations", "procedures", "documents", "care-team")
PAGES = ("/", "/results/", "/visits/", "/records/", "/records/vitals/", *(f"/records/{name}/" for name in LISTS))


def tree(page: str) -> Any:
    return html.fromstring(page)


def values(page: str) -> list[str]:
    return [str(value) for value in tree(page).xpath("//data/@value")]


def times(page: str) -> set[str]:
    return {str(value) for value in tree(page).xpath("//time/@datetime")}


def words(page: str) -> str:
    return " ".join(tree(page).text_content().split())


def shown_numbers(body: Json) -> list[tuple[str, str]]:
    """(exact number, unit) of every quantity of an Observation, from its JSON text."""
    exact = decode(encode(body))
    holders = [exact, *exact.get("component", [])]
    quantities = [
        holder["valueQuantity"] for holder in holders if holder.get("valueQuantity", {}).get("value") is not None
    ]
    return [(str(quantity["value"]), quantity.get("unit", "")) for quantity in quantities]


def every_list_page(rich: Chart, least: int = 3) -> str:
    """The results list, followed to its end."""
    pages, path = [], "/results/"
    while path:
        pages.append(rich.page(path))
        older = re.search(r'href="(/results/\?before=[^"]+)"', pages[-1])
        path = unescape(older[1]) if older else ""
    assert len(pages) >= least
    return "".join(pages)


def test_every_value_unit_and_date_of_the_source_is_on_the_page_of_its_result(rich: Chart) -> None:
    with inside(rich.hospital):
        held: dict[Any, list[Any]] = {pk: [] for pk in Result.objects.values_list("source_id", flat=True)}
        for row in Result.objects.values("id", "source_id", "fhir_id", "shelf"):
            held[row["source_id"]].append(row)
    checked = 0
    for rows in held.values():
        body = rich.ehr.resources["Observation", rows[0]["fhir_id"]]
        numbers = shown_numbers(body)
        if not numbers or (checked > 60 and "component" not in body):
            continue
        pages = "".join(rich.page(f"/results/{row['id']}/") for row in rows)
        text = words(f"<div>{pages}</div>")
        for value, unit in numbers:
            assert value in values(f"<div>{pages}</div>"), rows[0]["fhir_id"]
            assert unit in text
        date = body.get("effectiveDateTime") or body.get("effectivePeriod", {}).get("start") or body.get("issued")
        assert date is None or date in times(f"<div>{pages}</div>")
        for given in body.get("referenceRange", []):
            for side in ("low", "high"):
                if side in given:
                    assert str(decode(encode(given[side]))["value"]) in values(f"<div>{pages}</div>")
        checked += 1
    assert checked > 60


def test_the_list_and_the_vital_signs_hold_every_number_of_the_chart(rich: Chart) -> None:
    shown = values(f"<div>{every_list_page(rich)}{rich.page('/records/vitals/')}</div>")
    sent = [body for (kind, _id), body in rich.ehr.resources.items() if kind == "Observation"]
    wanted = [value for body in sent if body["status"] != "entered-in-error" for value, _unit in shown_numbers(body)]
    assert len(wanted) > 300
    assert sorted(set(wanted) - set(shown)) == []


def test_the_list_holds_each_result_once(rich: Chart) -> None:
    links = re.findall(r'<h[34]><a href="/results/([0-9a-f-]+)/"', every_list_page(rich))
    with inside(rich.hospital):
        wanted = {str(pk) for pk in Result.objects.exclude(shelf="vital").values_list("id", flat=True)}
    assert len(links) == len(set(links))
    assert set(links) == wanted


def test_list_and_page_say_the_same(rich: Chart) -> None:
    for row in tree(rich.page("/results/")).xpath(
        '//li[contains(@class, "result-row")][.//span[@class="result-value"]//data]'
    )[:12]:
        [path] = row.xpath(".//h3/a/@href | .//h4/a/@href")
        shown = row.xpath('.//span[@class="result-value"]//data/@value')
        page = tree(rich.page(str(path)))
        assert page.xpath('//p[@class="big-value"]//data/@value') == shown
        assert page.xpath("string(//h1)").strip() == row.xpath("string(.//h3/a | .//h4/a)").strip()


def test_nothing_of_the_chart_is_missing(rich: Chart) -> None:
    """Each resource of the patient's compartment has a row on some page, unless it was entered in error."""
    tables = (Result, Panel, Visit, Document, OtherItem)
    with inside(rich.hospital):
        have = {
            (kind, fhir_id) for table in tables for kind, fhir_id in table.objects.values_list("source_type", "fhir_id")
        }
    overview = rich.page("/records/")
    for kind, fhir_id in rich.ehr.resources:
        body = rich.ehr.resources[kind, fhir_id]
        if kind in {"Observation", "DiagnosticReport", "Encounter", "Appointment"} and "entered-in-error" not in str(
            body
        ):
            assert (kind, fhir_id) in have, (kind, fhir_id)
    for kind in {kind for kind, _id in rich.ehr.resources} & {
        "Goal",
        "CarePlan",
        "Coverage",
        "Device",
        "ServiceRequest",
    }:
        assert f"/records/other/{kind}/" in overview
        assert rich.page(f"/records/other/{kind}/")


def test_partial_dates_stay_partial(alice: Chart) -> None:
    alice.sync(result("m", effectiveDateTime="2019-03"), result("y", 5.5, effectiveDateTime="2018"))
    page = alice.page("/results/")
    assert "Hemoglobin A1c" in page
    with inside(alice.hospital):
        ids = dict(Result.objects.values_list("fhir_id", "id"))
    month, year = alice.page(f"/results/{ids['m']}/"), alice.page(f"/results/{ids['y']}/")
    assert '<time datetime="2019-03">March 2019</time>' in month
    assert '<time datetime="2018">2018</time>' in year


def test_a_long_decimal_reads_short_and_keeps_its_digits(alice: Chart) -> None:
    alice.sync(result("long", valueQuantity={"value": 161.93503897408004, "unit": "cm"}, referenceRange=[]))
    with inside(alice.hospital):
        page = alice.page(f"/results/{Result.objects.get().id}/")
    assert '<data value="161.93503897408004">161.94</data>' in page
    assert "161.93503897408004</bdi>" in page


def test_a_corrected_result_shows_what_it_said_before(alice: Chart) -> None:
    alice.sync(result("a", 5.4))
    alice.sync(result("a", 5.9, status="corrected"))
    with inside(alice.hospital):
        page = alice.page(f"/results/{Result.objects.get().id}/")
    assert "This result was corrected" in page
    assert {"5.4", "5.9"} <= set(values(page))


def test_a_critical_result_says_whom_to_call_and_shows_no_red(alice: Chart) -> None:
    alice.sync(result("a", 12.5, interpretation=[{"coding": [{"code": "HH"}]}]))
    with inside(alice.hospital):
        page = alice.page(f"/results/{Result.objects.get().id}/")
    assert "Your care team should talk with you about this." in page
    assert "danger" not in page


def test_a_result_without_range_gets_no_verdict(alice: Chart) -> None:
    alice.sync(result("a", 12.5, referenceRange=[]))
    with inside(alice.hospital):
        page = alice.page(f"/results/{Result.objects.get().id}/")
    assert "usual range" not in words(page).replace("See these numbers", "")


def test_what_nobody_told_us_is_not_claimed(alice: Chart) -> None:
    alice.sync(result("a", status="preliminary"))
    with inside(alice.hospital):
        page = words(alice.page(f"/results/{Result.objects.get().id}/"))
    assert "care team has seen" not in page
    assert "The laboratory finished it" not in page
    assert "not final yet" in page


def test_opening_a_result_makes_it_new_no_more(alice: Chart) -> None:
    alice.sync(result("a"))
    assert '<span class="tag tag-new">' in alice.page("/results/")
    with inside(alice.hospital):
        pk = Result.objects.get().id
    alice.page(f"/results/{pk}/")
    assert '<span class="tag tag-new">' not in alice.page("/results/")
    with inside(alice.hospital):
        assert Opening.objects.get().item_id == pk
    assert "You opened it" in alice.page(f"/results/{pk}/")


@pytest.mark.security("S68")
def test_text_from_the_source_is_never_markup(alice: Chart) -> None:
    nasty = "<script>alert(1)</script>"
    alice.sync(
        result("a", code={"text": nasty}, valueQuantity={"value": 1, "unit": nasty}),
        result("b", valueQuantity=None, valueString=nasty, code={"text": nasty}),
        of_alice("Condition", "c", code={"text": nasty}, note=[{"text": nasty}]),
        of_alice("DiagnosticReport", "d", status="final", code={"text": nasty}, conclusion=nasty),
    )
    with inside(alice.hospital):
        paths = [f"/results/{pk}/" for pk in Result.objects.values_list("id", flat=True)]
        paths += [f"/results/reports/{Panel.objects.get().id}/"]
    for path in ("/", "/results/", "/records/conditions/", *paths):
        assert nasty not in alice.page(path)


# Who may open what


def paths_to_things(chart: Chart) -> list[str]:
    with inside(chart.hospital):
        return [
            f"/results/{Result.objects.first().id}/",  # type: ignore[union-attr]
            f"/results/reports/{Panel.objects.first().id}/",  # type: ignore[union-attr]
            f"/visits/{Visit.objects.first().id}/",  # type: ignore[union-attr]
            f"/records/documents/{Document.objects.first().id}/",  # type: ignore[union-attr]
            f"/records/documents/{Document.objects.first().id}/files/0/",  # type: ignore[union-attr]
        ]


def without_ids(response: Any) -> bytes:
    """The answer without what differs from one request to the next."""
    return re.sub(rb"[0-9a-f]{32}|[0-9a-f-]{36}|csrf[^>]*>|next=[^\"]*", b"", response.content)


@pytest.mark.security("S16")
def test_another_patient_s_things_look_absent(
    rich: Chart, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    from portal.access.models import Patient

    with inside(rich.hospital):
        other = Patient.objects.create(fhir_id="other", name="Ben", given_name="Ben")
    ben = client_for(rich.hospital, person(rich.hospital, "ben", patient=other))
    for path in paths_to_things(rich):
        assert rich.client.get(path).status_code == 200
        theirs, nobody_s = ben.get(path), ben.get(re.sub(r"[0-9a-f-]{36}", str(uuid4()), path))
        assert (theirs.status_code, nobody_s.status_code) == (404, 404)
        assert without_ids(theirs) == without_ids(nobody_s)


def test_another_hospital_s_things_look_absent(
    rich: Chart, riverside: HospitalRecord, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    from portal.access.models import Patient

    with inside(riverside):
        eve = Patient.objects.create(id=rich.patient.id, fhir_id="eve", name="Eve", given_name="Eve")
    client = client_for(riverside, person(riverside, "eve", patient=eve))
    for path in paths_to_things(rich):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("role", ["clinician", "admin"])
def test_staff_open_no_patient_s_pages(
    rich: Chart, role: str, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    staff = client_for(rich.hospital, person(rich.hospital, "staff", role=role))
    for path in (*PAGES[1:], *paths_to_things(rich)):
        assert staff.get(path).status_code in (403, 404)


def test_a_stranger_is_sent_to_sign_in(rich: Chart, client_for: Callable[..., Client]) -> None:
    for path in (*PAGES[1:], *paths_to_things(rich)):
        response = client_for(rich.hospital).get(path)
        assert response.status_code == 302
        assert "/sign-in/" in response["Location"]


@pytest.mark.security("S20")
def test_a_patient_comes_from_the_session_and_never_from_the_request(rich: Chart) -> None:
    assert values(rich.page("/results/?patient=1&patient_id=2")) == values(rich.page("/results/"))
    assert rich.client.get("/results/?kind=everything").status_code == 404
    assert rich.client.get("/results/?before=1_2_3").status_code == 404
    assert rich.client.get("/visits/?page=-1").status_code == 404
    assert rich.client.get("/records/other/Patient/").status_code == 404


@pytest.mark.security("S50")
def test_each_read_leaves_an_event(rich: Chart) -> None:
    with inside(rich.hospital):
        pk = Result.objects.first().id  # type: ignore[union-attr]
        before = Event.objects.count()
    rich.page(f"/results/{pk}/")
    rich.page("/records/allergies/")
    with inside(rich.hospital):
        new = list(Event.objects.order_by("pk").values_list("kind", "patient_id", "actor_id")[before:])
    assert ("result.read", rich.patient.id, rich.user.pk) in new
    assert ("record.read", rich.patient.id, rich.user.pk) in new


# How much it costs


@pytest.mark.parametrize("path", ["/", "/results/"])
def test_home_and_results_take_at_most_eight_statements_whatever_the_size_of_the_chart(rich: Chart, path: str) -> None:
    rich.page(path)
    with CaptureQueriesContext(connection) as captured:
        rich.page(path)
    statements = [q["sql"] for q in captured if not re.match(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE)", q["sql"])]
    assert len(statements) <= 8, "\n".join(s[:150] for s in statements)


@pytest.mark.parametrize("path", [*PAGES, "/records/download/"])
def test_no_page_asks_more_when_there_is_more(rich: Chart, path: str) -> None:
    rich.page(path)
    with CaptureQueriesContext(connection) as captured:
        rich.page(path)
    assert len(captured) <= 10


# States


def test_a_hospital_without_an_ehr_says_so(
    mercy: HospitalRecord, person: Callable[..., User], client_for: Callable[..., Client]
) -> None:
    from portal.access.models import Patient

    with inside(mercy):
        patient = Patient.objects.create(fhir_id="a", name="Alice", given_name="Alice")
    client = client_for(mercy, person(mercy, "alice", patient=patient))
    for path in PAGES:
        text = client.get(path).content.decode()
        assert "does not share records here yet" in text, path


def test_a_record_that_was_never_read_says_that_it_is_on_its_way(alice: Chart) -> None:
    with inside(alice.hospital):
        PatientProgress.objects.all().delete()
        Connection.objects.update(last_success_at=None)
    for path in PAGES:
        assert "on its way" in alice.page(path), path


def test_a_patient_with_nothing_has_calm_pages(alice: Chart) -> None:
    assert "Your record is still empty" in alice.page("/")
    assert "No results yet" in alice.page("/results/")
    assert "No visits planned" in alice.page("/visits/")
    assert "Your record is still empty" in alice.page("/records/")
    for name in LISTS:
        assert 'class="empty"' in alice.page(f"/records/{name}/")


def test_a_source_that_is_three_days_old_is_said_to_be(alice: Chart) -> None:
    from datetime import timedelta

    from foundation.clock import now

    alice.sync(result("a"))
    with inside(alice.hospital):
        Connection.objects.update(last_success_at=now() - timedelta(days=4))
        PatientProgress.objects.update(synced_at=now() - timedelta(days=4))
    for path in PAGES:
        assert "Your record may not be up to date" in alice.page(path), path


def test_a_kind_that_could_not_be_read_is_named(alice: Chart) -> None:
    with inside(alice.hospital):
        PatientProgress.objects.update(missing={"MedicationRequest": "time_out"})
    assert "We could not read your medicines today" in alice.page("/records/medications/")


@pytest.mark.parametrize("language", ["es", "ar"])
def test_pages_come_in_other_languages_with_the_same_numbers(rich: Chart, language: str) -> None:
    english = values(rich.page("/results/"))
    with inside(rich.hospital):
        User.objects.filter(pk=rich.user.pk).update(language=language)
    page = rich.page("/results/")
    assert f'lang="{language}"' in page
    assert values(page) == english
    assert plain_name("4548-4", language, "") in page


def test_a_document_opens_through_the_gate_from_the_mirror_and_from_the_source(alice: Chart) -> None:
    alice.sync(
        {"resourceType": "Binary", "id": "b", "contentType": "text/plain", "data": "SGVsbG8="},
        of_alice("DocumentReference", "inside", status="current", description="Letter", content=[
            {"attachment": {"contentType": "application/pdf", "data": "JVBERi0=", "title": "Letter"}},
        ]),
        of_alice("DocumentReference", "there", status="current", description="Note", content=[
            {"attachment": {"contentType": "text/plain", "url": "Binary/b", "title": "Note"}},
        ]),
    )  # fmt: skip
    with inside(alice.hospital):
        ids = dict(Document.objects.values_list("fhir_id", "id"))
    inline = alice.client.get(f"/records/documents/{ids['inside']}/files/0/")
    assert (inline.content, inline["Content-Type"]) == (b"%PDF-", "application/pdf")
    fetched = alice.client.get(f"/records/documents/{ids['there']}/files/0/")
    assert (fetched.content, fetched["X-Content-Type-Options"]) == (b"Hello", "nosniff")
    assert alice.client.get(f"/records/documents/{ids['there']}/files/1/").status_code == 404


def test_a_visit_says_what_to_do_before_and_goes_into_a_calendar(alice: Chart) -> None:
    who = [{"actor": {"reference": "Patient/alice"}}]
    visit: Json = {"resourceType": "Appointment", "id": "v", "status": "booked", "start": "2036-11-24T10:30:00-05:00"}
    visit |= {"patientInstruction": "Do not eat before.", "participant": who}
    alice.sync(visit)
    with inside(alice.hospital):
        pk = Visit.objects.get().id
    assert "Do not eat before." in alice.page("/")
    calendar = alice.client.get(f"/visits/{pk}/calendar.ics")
    assert calendar["Content-Type"].startswith("text/calendar")
    assert b"DTSTART:20361124T153000Z" in calendar.content


def test_long_lists_go_on_and_lose_nothing(alice: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.records.queries import chart as lists
    from portal.records.views import chart as views

    for module in (lists, views):
        monkeypatch.setattr(module, "PAGE", 3)
        monkeypatch.setattr(module, "VITALS_PAGE", 3)
    pulse = {"category": [{"coding": [{"code": "vital-signs"}]}], "code": {"text": "Pulse"}, "referenceRange": []}
    alice.sync(
        *(of_alice("Condition", f"c{n}", code={"text": f"Problem {n}"}, onsetDateTime=f"20{n + 10}") for n in range(8)),
        *(of_alice("Goal", f"g{n}", lifecycleStatus="active", description={"text": f"Goal {n}"}) for n in range(8)),
        *(result(f"v{n}", 60 + n, effectiveDateTime=f"20{n + 10}", **pulse) for n in range(8)),
    )
    for path, words in (("conditions", "Problem"), ("other/Goal", "Goal"), ("vitals", "")):
        pages = [alice.page(f"/records/{path}/?page={number}") for number in range(3)]
        assert ["?page=" in page for page in pages] == [True, True, False]
        for n in range(8):
            wanted = f"{words} {n}<" if words else f'<data value="{60 + n}">'
            assert any(wanted in page for page in pages), (path, n)
    assert alice.client.get("/records/conditions/?page=x").status_code == 404
