"""DiagnosticReport and ImagingStudy: reports, with the results they gather, their words and their files."""

from typing import Any

from portal.records.projection.dates import NEVER, choice, read
from portal.records.projection.document import files_of
from portal.records.projection.frame import Frame, Resource, header, linked, name_of, names_of, notes, said
from portal.records.projection.observation import LOINC, NOT_BLOOD, NOT_YET
from portal.records.projection.reading import (
    Json,
    all_codes,
    code_in,
    concept_text,
    concept_texts,
    key_of,
    named,
    narrative,
    node,
    nodes,
    number_text,
    word,
)
from portal.records.projection.rows import Fact, PanelRow, Row

SCANS = named(
    "RAD IMG CT CTH CUS NMR NMS OUS RUS RX VUS XRC MR US XR imaging LP29684-5 LP29708-2 18726-0 363679005 394914008"
)
BLOOD = named("LAB HM CH BLB SR CG IMM TX laboratory LP29693-6 26436-6")


def project_report(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    start, end, words = choice(body, "effective", frame.zone)
    issued = read(body.get("issued"), frame.zone)
    when = start if start.text else issued
    results = [found for entry in nodes(body, "result") if (found := linked(entry, "Observation", frame))]
    visit = linked(node(body, "encounter"), "Encounter", frame)
    order = next((found for entry in nodes(body, "basedOn") if (found := linked(entry, "ServiceRequest", frame))), None)
    conclusion, files = word(body, "conclusion"), files_of(body, "presentedForm")
    codes = concept_texts(body, "conclusionCode")
    facts = _facts(body, words, frame)
    listed = not results or bool(conclusion or codes or files)
    told = "" if conclusion or files or results else narrative(body)
    row = PanelRow(
        **header(resource, frame, title=concept_text(node(body, "code")), when=when, end=end),
        visit_id=visit,
        order_id=order,
        group_id=visit or order or key_of(frame.source, "Day", when.day.isoformat() if when.day != NEVER else ""),
        shelf=_shelf(body),
        loinc=code_in(node(body, "code"), LOINC)[:20],
        result_ids=results,
        listed=listed,
        pending=word(body, "status") in NOT_YET and not results and not conclusion and not files,
        issued_text=issued.text,
        detail={
            "facts": facts,
            "listed": listed,
            "conclusion": conclusion,
            "codes": codes,
            "files": files,
            "narrative": told,
        },
    )
    return [row], []


def _facts(body: Json, words: str, frame: Frame) -> list[Fact]:
    return [
        *said("taken", words),
        *said("performer", *names_of(body, "performer", frame)),
        *said("read_by", *names_of(body, "resultsInterpreter", frame)),
        *said("specimen", *names_of(body, "specimen", frame)),
        *said("order", *names_of(body, "basedOn", frame)),
        *notes(body),
    ]


def _shelf(body: Json) -> str:
    kinds = all_codes(body, "category")
    if kinds & SCANS:
        return "scan"
    title = concept_text(node(body, "code")).casefold()
    if kinds & BLOOD and not any(name in title for name in NOT_BLOOD):
        return "blood"
    return "other"


def project_imaging(resource: Resource, frame: Frame) -> tuple[list[Row], list[str]]:
    body = resource.body
    when = read(body.get("started"), frame.zone)
    visit = linked(node(body, "encounter"), "Encounter", frame)
    series = [_series(entry) for entry in nodes(body, "series")]
    title = word(body, "description") or next(iter(concept_texts(body, "procedureCode")), "")
    facts = [
        *said("ways", *dict.fromkeys(entry["way"] for entry in series)),
        *said("body_site", *dict.fromkeys(entry["site"] for entry in series)),
        *said("images", number_text(body.get("numberOfInstances"))),
        *said("performer", *names_of(body, "interpreter", frame)),
        *said("asked_by", name_of(body, node(body, "referrer"), frame)),
        *said("reason", *concept_texts(body, "reasonCode")),
        *notes(body),
    ]
    row = PanelRow(
        **header(resource, frame, title=title or _scan_title(series), when=when),
        visit_id=visit,
        group_id=visit or key_of(frame.source, "Day", when.day.isoformat() if when.day != NEVER else ""),
        shelf="scan",
        pending=word(body, "status") == "registered",
        detail={"facts": facts, "listed": True},
    )
    return [row], []


def _series(entry: Json) -> dict[str, str]:
    way, site = node(entry, "modality"), node(entry, "bodySite")
    return {
        "way": word(way, "display") or word(way, "code") or concept_text(way),
        "site": word(site, "display") or word(site, "code") or concept_text(site),
    }


def _scan_title(series: list[dict[str, Any]]) -> str:
    first = series[0] if series else {"way": "", "site": ""}
    return ": ".join(part for part in (first["way"], first["site"]) if part)
