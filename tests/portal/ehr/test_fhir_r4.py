"""The FHIR R4 connector against a server that misbehaves: nothing foreign is taken, nothing missing looks deleted."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.ehr.connectors.fhir_r4.compartment import COMPARTMENT
from portal.ehr.connectors.fhir_r4.connector import FhirR4
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.values import Kind, PatientKey
from tests.portal.ehr.charts import patient, result
from tests.portal.ehr.fake import CLOCK, Ask, Fake, Say, bundle, faking, outcome, statement

ALICE = PatientKey("alice", identifiers=frozenset({("urn:mrn", "MRN-alice")}))


@pytest.fixture
def fake() -> Iterator[Fake]:
    with faking() as made:
        yield made


def results(fake: Fake, since: str = "") -> Kind:
    return fake.connector().changes_since(ALICE, "Observation", since)


def ids(kind: Kind) -> list[str]:
    return [r.fhir_id for r in kind.resources]


@pytest.mark.security("R3")
@pytest.mark.parametrize(
    "say",
    [
        Say(b"<html>Please sign in</html>", kind="text/html"),
        Say(b'{"resourceType": "Bundle", "entry": [{"resou'),
        Say(b'"hello"'),
        Say(b"[]"),
        Say(b""),
        Say(b"\xff\xfe\x00garbage"),
        Say({"resourceType": "Patient", "id": "alice"}),
        Say({"resourceType": "Bundle", "type": "searchset", "entry": {"not": "a list"}}),
        Say({"hello": "world"}),
        Say(b"[" * 100_000),
    ],
    ids=["html", "cut", "text", "list", "empty", "bytes", "wrong type", "entries", "no type", "deep"],
)
def test_garbage_is_refused_as_a_whole_and_is_no_deletion(fake: Fake, say: Say) -> None:
    fake.answers["Observation"] = lambda ask: say
    found = results(fake)
    assert (found.resources, found.complete, found.fault) == ((), False, "garbage")


@pytest.mark.parametrize("entry", [None, 7, "x", [], {}, {"resource": None}, {"resource": 5}, {"resource": {"id": "x"}},
                                   {"resource": {"resourceType": 7}}])  # fmt: skip
def test_an_entry_that_is_no_resource_does_not_spoil_the_others(fake: Fake, entry: Any) -> None:
    page = bundle(result("r1"))
    page["entry"].append(entry)
    fake.answers["Observation"] = lambda ask: Say(page)
    assert ids(results(fake)) == ["r1"]


@pytest.mark.security("R3")
@pytest.mark.parametrize(
    "owner",
    [
        {"reference": "Patient/bob"},
        {"reference": "Patient/bob/_history/3"},
        {"reference": "https://elsewhere.example/fhir/Patient/bob"},
        {"reference": "https://elsewhere.example/fhir/Patient/alice"},
        {"identifier": {"system": "urn:mrn", "value": "MRN-bob"}},
    ],
)
def test_another_patients_resource_is_rejected_and_counted(fake: Fake, owner: dict[str, Any]) -> None:
    foreign = {**result("theirs"), "subject": owner}
    fake.answers["Observation"] = lambda ask: Say(bundle(result("mine"), foreign))
    found = results(fake)
    assert (ids(found), found.rejected, found.complete, found.fault) == (["mine"], 1, False, "foreign")


def test_the_patient_may_be_named_by_the_servers_own_whole_address(fake: Fake) -> None:
    mine = {**result("mine"), "subject": {"reference": f"{fake.base}/Patient/alice"}}
    inner = {**result("inner"), "subject": {"reference": "http://inner:8080/r4/Patient/alice"}}
    page = bundle(mine, inner)
    page["entry"][1]["fullUrl"] = "http://inner:8080/r4/Observation/inner"
    fake.answers["Observation"] = lambda ask: Say(page)
    assert ids(results(fake)) == ["mine", "inner"]


def test_a_record_that_was_merged_into_this_one_is_this_ones(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(bundle(result("old", of="alice-old")))
    merged = PatientKey("alice", frozenset({"alice-old"}))
    assert ids(fake.connector().changes_since(merged, "Observation")) == ["old"]


def test_outcomes_and_unknown_kinds_in_a_bundle_are_kept_and_counted(fake: Fake) -> None:
    strange = {"resourceType": "Horoscope", "id": "h", "subject": {"reference": "Patient/alice"}}
    page = bundle(result("r1"), strange)
    page["entry"].append({"resource": outcome("informational"), "search": {"mode": "outcome"}})
    fake.answers["Observation"] = lambda ask: Say(page)
    found = results(fake)
    assert [r.type for r in found.resources] == ["Observation", "Horoscope", "OperationOutcome"]
    assert found.outcomes == 1
    assert found.complete


@pytest.mark.security("R4")
def test_when_page_two_fails_the_kind_is_not_complete(fake: Fake) -> None:
    def answer(ask: Ask) -> Say:
        if "page" in ask.query:
            return Say(outcome("exception"), 500)
        return Say(bundle(result("r1"), onward=f"{fake.base}/Observation?page=2", total=2))

    fake.answers["Observation"] = answer
    found = results(fake)
    assert (ids(found), found.complete, found.fault) == (["r1"], False, "server")
    assert len(fake.waits) == 3, "it was tried four times"


def test_pages_that_go_round_are_given_up(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(bundle(result("r1"), onward=f"{fake.base}/Observation?page=2"))
    found = results(fake)
    assert (found.complete, found.fault) == (False, "paging")
    assert len(fake.paths("Observation")) <= 3


def test_pages_without_end_that_bring_nothing_new_are_given_up(fake: Fake) -> None:
    def answer(ask: Ask) -> Say:
        number = int(ask.query.get("page", "1"))
        return Say(bundle(result("r1"), onward=f"{fake.base}/Observation?page={number + 1}"))

    fake.answers["Observation"] = answer
    assert results(fake).fault == "paging"
    assert len(fake.paths("Observation")) == 2


@pytest.mark.security("S67")
@pytest.mark.parametrize(
    "onward", ["https://evil.example/steal?x=1", "http://169.254.169.254/latest", "file:///etc/passwd"]
)
def test_a_next_link_to_another_server_is_not_followed(fake: Fake, onward: str) -> None:
    fake.answers["Observation"] = lambda ask: Say(bundle(result("r1"), onward=onward))
    found = results(fake)
    assert (found.complete, found.fault) == (False, "paging")


def test_a_next_link_with_the_servers_inner_name_is_asked_at_the_address_we_know(fake: Fake) -> None:
    def answer(ask: Ask) -> Say:
        if "page" in ask.query:
            return Say(bundle(result("r2")))
        return Say(bundle(result("r1"), onward="http://ehr-inner:8080/fhir/Observation?page=2"))

    fake.answers["Observation"] = answer
    assert ids(results(fake)) == ["r1", "r2"]


def test_a_server_without_next_links_is_read_by_offset(fake: Fake) -> None:
    everything = [result(f"r{n}") for n in range(5)]

    def answer(ask: Ask) -> Say:
        start = int(ask.query.get("_offset", "0"))
        return Say(bundle(*everything[start : start + 2], total=5))

    fake.answers["Observation"] = answer
    found = results(fake)
    assert (len(found.resources), found.complete) == (5, True)


def test_a_server_that_hides_its_other_pages_is_not_complete(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(bundle(result("r1"), total=5))
    found = results(fake)
    assert (ids(found), found.complete, found.fault) == (["r1"], False, "incomplete")


@pytest.mark.security("R2")
def test_a_busy_server_is_asked_again_after_as_long_as_it_says(fake: Fake) -> None:
    says = [
        Say(outcome("throttled"), 429, Retry_After="7"),
        Say(outcome(), 503, Retry_After="3"),
        Say(bundle(result("r1"))),
    ]
    fake.answers["Observation"] = lambda ask: says.pop(0)
    assert ids(results(fake)) == ["r1"]
    assert fake.waits == [7.0, 3.0]


def test_a_server_that_asks_for_an_hour_ends_the_run(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(outcome("throttled"), 429, Retry_After="3600")
    with pytest.raises(ConnectorError) as caught:
        results(fake)
    assert caught.value.fault is Fault.BUSY
    assert fake.waits == []


def test_waits_double_with_jitter_and_end(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(outcome("exception"), 500)
    results(fake)
    assert len(fake.waits) == 3
    assert 0.2 <= fake.waits[0] <= 0.4
    assert 0.8 <= fake.waits[2] <= 1.6


def test_a_kind_that_fails_for_three_patients_is_not_asked_for_the_rest(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(outcome("exception"), 500)
    connector = fake.connector()
    found = [connector.changes_since(PatientKey(f"p{n}"), "Observation") for n in range(10)]
    assert all(kind.fault == "server" for kind in found)
    assert len(fake.paths("Observation")) == 3 * 4


@pytest.mark.security("R1")
def test_a_server_that_hangs_ends_the_run_soon(fake: Fake) -> None:
    released = threading.Event()

    def hang(ask: Ask) -> Say:
        released.wait(10)
        return Say(bundle())

    for kind in ("Observation", "Condition", "Goal"):
        fake.answers[kind] = hang
    fake.answers["metadata"] = lambda ask: Say(statement("Patient", "Observation", "Condition", "Goal"))
    connector = fake.connector(seconds=0.1)
    assert connector.offer.listed
    assert [connector.changes_since(ALICE, kind).fault for kind in ("Observation", "Condition")] == ["slow", "slow"]
    with pytest.raises(ConnectorError) as caught:
        connector.changes_since(ALICE, "Goal")
    assert caught.value.fault is Fault.SLOW
    released.set()


def test_a_server_that_answers_nothing_usable_ends_the_run(fake: Fake) -> None:
    fake.answers["metadata"] = lambda ask: Say(statement("Patient", *COMPARTMENT))
    connector = fake.connector()
    kinds = connector.kinds()
    assert len(kinds) > 12
    for kind in kinds:
        fake.answers[kind] = lambda ask: Say(b"<html>Sign in</html>", kind="text/html")
    with pytest.raises(ConnectorError) as caught:
        for kind in kinds:
            connector.changes_since(ALICE, kind)
    assert caught.value.fault is Fault.GARBAGE


def refusing(*names: str) -> Callable[[Ask], Say]:
    """A server that refuses a question with any of these parameters."""

    def answer(ask: Ask) -> Say:
        if set(names) & ask.query.keys():
            return Say(outcome(), 400)
        return Say(bundle(result("r1")))

    return answer


@pytest.mark.parametrize(
    "names", [["patient"], ["_count"], ["_lastUpdated"], ["_count", "_lastUpdated"], ["patient", "_count"]]
)
def test_what_a_server_refuses_is_learned_and_not_asked_again(fake: Fake, names: list[str]) -> None:
    fake.answers["Observation"] = refusing(*names)
    connector = fake.connector()
    found = connector.changes_since(ALICE, "Observation", "2026-01-01T00:00:00.000Z")
    assert ids(found) == ["r1"]
    assert found.whole is ("_lastUpdated" in names)
    first = len(fake.paths("Observation"))
    later = FhirR4(fake.access(), connector.client)
    later.habits.kinds = json.loads(json.dumps(connector.learned))["kinds"]
    later.changes_since(ALICE, "Observation", "2026-01-01T00:00:00.000Z")
    assert len(fake.paths("Observation")) == first + 1


def test_a_server_that_will_not_be_told_a_page_size_is_listed_too(fake: Fake) -> None:
    fake.answers["Patient"] = lambda ask: Say(outcome(), 400) if "_count" in ask.query else Say(bundle(patient()))
    connector = fake.connector()
    assert all(finding.passed for finding in connector.check())
    assert [body.fhir_id for page in connector.patients() for body in page.patients] == ["alice"]


def test_a_patient_parameter_that_is_ignored_is_noticed_by_the_self_link(fake: Fake) -> None:
    def answer(ask: Ask) -> Say:
        used = {name: value for name, value in ask.query.items() if name != "patient"}
        everyone = [result("mine"), result("theirs", of="bob")]
        shown = [r for r in everyone if ask.query.get("subject") in {None, r["subject"]["reference"]}]
        page = bundle(*shown)
        page["link"] = [
            {"relation": "self", "url": f"{fake.base}/Observation?" + "&".join(f"{k}={v}" for k, v in used.items())}
        ]
        return Say(page)

    fake.answers["Observation"] = answer
    found = results(fake)
    assert (ids(found), found.rejected, found.complete) == (["mine"], 0, True)


def test_a_kind_that_cannot_be_searched_by_patient_is_read_as_a_whole_once(fake: Fake) -> None:
    def answer(ask: Ask) -> Say:
        if {"patient", "subject"} & ask.query.keys():
            return Say(outcome(), 400)
        teams = [
            {"resourceType": "CareTeam", "id": who, "subject": {"reference": f"Patient/{who}"}}
            for who in ("alice", "bob")
        ]
        return Say(bundle(*teams))

    fake.answers["CareTeam"] = answer
    connector = fake.connector()
    assert [ids(connector.changes_since(PatientKey(who), "CareTeam")) for who in ("alice", "bob", "carol")] == [
        ["alice"], ["bob"], [],
    ]  # fmt: skip
    whole = [ask for ask in fake.paths("CareTeam") if not {"patient", "subject"} & ask.query.keys()]
    assert len(whole) == 1


def test_a_kind_the_server_does_not_have_is_not_missing_and_not_asked_again(fake: Fake) -> None:
    fake.answers["CareTeam"] = lambda ask: Say(outcome(), 404)
    connector = fake.connector()
    found = connector.changes_since(ALICE, "CareTeam")
    assert (found.complete, found.whole, found.fault) == (True, False, "")
    assert "CareTeam" not in connector.kinds()


@pytest.mark.parametrize("say", [Say(outcome(), 500), Say(outcome(), 403), Say(b"<html>", 200, "text/html")])
def test_a_kind_the_server_never_listed_is_not_missing_when_it_fails(fake: Fake, say: Say) -> None:
    fake.answers["CareTeam"] = lambda ask: say
    connector = fake.connector()
    assert "CareTeam" in connector.kinds()
    assert connector.changes_since(ALICE, "CareTeam").fault == ""
    assert "CareTeam" not in connector.kinds()


def test_a_kind_we_may_not_read_is_missing(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(outcome("forbidden"), 403)
    assert results(fake).fault == "forbidden"


def test_an_answer_that_is_too_large_is_given_up(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(b" " * 300_000)
    found = fake.connector(max_bytes=100_000).changes_since(ALICE, "Observation")
    assert (found.complete, found.fault) == (False, "size")


def test_every_digit_of_a_decimal_is_kept(fake: Fake) -> None:
    text = json.dumps(bundle(result("r1"))).replace("5.4", "5.40").encode()
    fake.answers["Observation"] = lambda ask: Say(text)
    [found] = results(fake).resources
    assert str(found.body["valueQuantity"]["value"]) == "5.40"
    assert b'"value":5.40' in found.json


def test_the_servers_clock_is_the_bundles_or_the_header(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(bundle(result("r1")))
    assert results(fake).as_of == CLOCK
    plain = bundle(result("r1"))
    del plain["meta"]
    fake.answers["Observation"] = lambda ask: Say(plain)
    assert results(fake).as_of.endswith("Z")


def test_an_increment_asks_from_the_moment_on(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(bundle())
    results(fake, since="2026-11-22T09:36:00.000Z")
    assert fake.paths("Observation")[0].query["_lastUpdated"] == "ge2026-11-22T09:36:00.000Z"
    assert fake.paths("Observation")[0].query["patient"] == "alice"


def test_changes_are_not_believed_where_the_server_may_hide_others_records(fake: Fake) -> None:
    assert fake.connector().changed_patients(["Observation"], CLOCK).by_kind == {}
    fake.answers["Patient"] = lambda ask: Say(bundle(patient())) if "_lastUpdated" not in ask.query else Say(bundle())
    assert fake.connector().changed_patients(["Observation"], CLOCK).by_kind == {
        "Patient": frozenset(), "Observation": frozenset(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "fault"),
    [("https://elsewhere.example/Binary/1", "address"), ("../../admin", "address"), ("//evil.example/x", "address"),
     ("file:///etc/passwd", "address")],
)  # fmt: skip
def test_a_document_is_fetched_from_this_server_only(fake: Fake, url: str, fault: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        fake.connector().content(url, limit=1000)
    assert caught.value.fault.value == fault
    assert fake.asked == []


def test_a_document_comes_as_bytes_or_inside_a_binary(fake: Fake) -> None:
    fake.answers["Binary/1"] = lambda ask: Say(b"%PDF-1.7", kind="application/pdf")
    fake.answers["Binary/2"] = lambda ask: Say(
        {"resourceType": "Binary", "contentType": "text/plain", "data": "aGVsbG8="}
    )
    connector = fake.connector()
    assert connector.content("Binary/1", limit=1000).data == b"%PDF-1.7"
    assert connector.content(f"{fake.base}/Binary/2", limit=1000).data == b"hello"
    with pytest.raises(ConnectorError) as caught:
        connector.content("Binary/2", limit=3)
    assert caught.value.fault is Fault.SIZE


@pytest.mark.parametrize(
    ("metadata", "patients", "fault"),
    [
        (Say(statement("Patient", version="3.0.2")), None, "wrong_version"),
        (Say(statement("Patient", version="5.0.0")), None, "wrong_version"),
        (Say(b"<html>", 404, "text/html"), Say(b"<html>", 404, "text/html"), "not_fhir"),
        (Say(b"<html>", 200, "text/html"), Say(b"<html>", 200, "text/html"), "not_fhir"),
        (Say(statement("Patient")), Say(outcome("login"), 401), "sign_in"),
        (Say(statement("Patient")), Say(outcome("forbidden"), 403), "forbidden"),
        (Say(outcome(), 500), None, "server"),
    ],
)
def test_each_fault_of_a_connection_is_named(fake: Fake, metadata: Say, patients: Say | None, fault: str) -> None:
    fake.answers["metadata"] = lambda ask: metadata
    fake.answers["Patient"] = lambda ask: patients or Say(bundle(patient()))
    last = list(fake.connector().check())[-1]
    assert (last.passed, last.fault) == (False, fault)
    assert "SECRET" not in last.detail, "diagnostics may quote data"


def test_a_server_without_a_capability_statement_is_asked_for_the_usual_kinds(fake: Fake) -> None:
    fake.answers["metadata"] = lambda ask: Say(outcome(), 404)
    fake.answers["Patient"] = lambda ask: Say(bundle(patient()))
    connector = fake.connector()
    assert all(finding.passed for finding in connector.check())
    assert "Observation" in connector.kinds()
