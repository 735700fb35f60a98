"""What the portal needs to know of a Patient resource to make the person known (R4, Patient)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict

from portal.ehr.queries import human_name

MRN = "MR"


class Facts(TypedDict):
    """The arguments of `portal.access.actions.register_patient`, source and id aside."""

    name: str
    given_name: str
    family_name: str
    birth_date: date | None
    sex: str
    mrn: str
    deceased: bool


def facts(body: Mapping[str, Any]) -> Facts:
    """Name, birth date, sex, record number. Anything half-valid is left out, never guessed."""
    names = body.get("name") if isinstance(body.get("name"), list) else []
    given, family = _given_and_family(names or [])
    full = " ".join(part for part in (given, family) if part) or human_name(names or [])
    gender = body.get("gender")
    return Facts(
        name=(full or "?")[:300],
        given_name=given[:150],
        family_name=family[:150],
        birth_date=_day(body.get("birthDate")),
        sex=gender if gender in {"female", "male", "other"} else "unknown",
        mrn=_record_number(body)[:100],
        deceased=body.get("deceasedBoolean") is True or isinstance(body.get("deceasedDateTime"), str),
    )


def _given_and_family(names: list[Any]) -> tuple[str, str]:
    usable = [n for n in names if isinstance(n, Mapping) and n.get("use") not in {"old", "maiden"}]
    usable.sort(key=lambda n: {"official": 0, "usual": 1}.get(str(n.get("use")), 2))
    for name in usable:
        given = (
            [g for g in name.get("given") or [] if isinstance(g, str)] if isinstance(name.get("given"), list) else []
        )
        family = name.get("family") if isinstance(name.get("family"), str) else ""
        if given or family:
            return " ".join(given).replace("\x00", "").strip(), str(family).replace("\x00", "").strip()
    return "", ""


def _day(value: Any) -> date | None:
    """A whole day; a birth date that is only a year or a month stays unknown."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _record_number(body: Mapping[str, Any]) -> str:
    """The identifier typed MR (HL7 table 0203); the first one with a value where none is typed."""
    entries = body.get("identifier")
    found = (
        [e for e in entries if isinstance(e, Mapping) and isinstance(e.get("value"), str)]
        if isinstance(entries, list)
        else []
    )
    for entry in found:
        kind = entry.get("type")
        codings = kind.get("coding") if isinstance(kind, Mapping) else None
        if isinstance(codings, list) and any(isinstance(c, Mapping) and c.get("code") == MRN for c in codings):
            return str(entry["value"]).replace("\x00", "")
    return str(found[0]["value"]).replace("\x00", "") if found else ""
