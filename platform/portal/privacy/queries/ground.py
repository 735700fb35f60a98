"""Gathers what the rules stand on. Sums are made by the database: a stretch may hold hundreds of thousands of looks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from foundation.tenancy import hospital_zone
from portal.access.models import Patient, PatientUserObjectPermission
from portal.accounts.models import User
from portal.accounts.models.people import HOSPITAL_STAFF
from portal.ehr.queries import same_address
from portal.privacy.models import Flag
from portal.privacy.queries.own import look_kinds
from portal.privacy.unusual import names
from portal.privacy.unusual.ground import HOURS, Ground, HourOf, Looked, Member, Place, SignIn, Subject, Usual
from portal.privacy.unusual.places import PlacesOff, places_of
from portal.privacy.unusual.rule import MOST_EVENTS

PAST = timedelta(days=60)
BEFORE_A_SIGN_IN = timedelta(hours=24)
NOT_STAFF = ["patient", "proxy", "operator", "app"]
_LOOKS = """
    FROM audit_event WHERE at >= %(since)s AND at < %(until)s AND kind = ANY(%(kinds)s) AND outcome = 'success'
     AND actor_kind = 'person' AND actor_id IS NOT NULL AND patient_id IS NOT NULL AND actor_role <> ALL(%(others)s)
"""
_DAY, _HOUR = "(at AT TIME ZONE %(zone)s)::date", "extract(hour FROM at AT TIME ZONE %(zone)s)::int"
_IDS = f"(array_agg(id ORDER BY id))[1:{MOST_EVENTS}]"
PAIRS = f"SELECT actor_id, patient_id, {_DAY}, {_IDS}, count(*) {_LOOKS} GROUP BY 1, 2, 3"
BY_HOUR = f"SELECT actor_id, {_DAY}, {_HOUR}, count(*), count(DISTINCT patient_id), {_IDS} {_LOOKS} GROUP BY 1, 2, 3"
USUAL = f"""
    WITH hours AS (
        SELECT actor_id, {_DAY} AS day, {_HOUR} AS hour, max(actor_role) AS role, count(*) AS looks,
               count(DISTINCT patient_id) AS patients {_LOOKS} GROUP BY 1, 2, 3)
    SELECT actor_id, max(role), array_agg(hour), array_agg(looks), array_agg(patients), count(DISTINCT day)
      FROM hours GROUP BY actor_id
"""  # noqa: S608  (names of ours, values as parameters)
SIGN_INS = """
    SELECT id, actor_id, actor_name, at, host(address) FROM audit_event
     WHERE kind = 'sign_in.succeeded' AND at >= %(since)s AND at < %(until)s AND address IS NOT NULL
       AND actor_id IS NOT NULL
"""


def gather(since: datetime, until: datetime) -> tuple[Ground, Mapping[str, str]]:
    """The ground of this stretch, and the rules that are off with the code of the reason."""
    said = _parameters(since, until)
    looks = [Looked(person, patient, day, tuple(ids), count) for person, patient, day, ids, count in _rows(PAIRS, said)]
    hours = [HourOf(person, day, hour, count, patients, tuple(ids))
             for person, day, hour, count, patients, ids in _rows(BY_HOUR, said)]  # fmt: skip
    sign_ins = [SignIn(*row) for row in _rows(SIGN_INS, {**said, "since": since - BEFORE_A_SIGN_IN})]
    members = _members({looked.person for looked in looks})
    usual, of_role = _usual(_parameters(since - PAST, since))
    off: dict[str, str] = {}
    places: Mapping[str, Place] | None
    try:
        places = places_of(sign_in.address for sign_in in sign_ins)
    except PlacesOff as why:
        places, off["travel"] = None, why.code
    return Ground(
        looks=looks, hours=hours, members=members, subjects=_subjects({looked.patient for looked in looks}),
        usual=usual, usual_of_role=of_role, same_address=_neighbours(looks, members), surnames=_surnames(),
        patients=Patient.objects.filter(merged_into=None).count(), sign_ins=sign_ins, zone=hospital_zone(),
        places=places,
    ), off  # fmt: skip


def _parameters(since: datetime, until: datetime) -> dict[str, Any]:
    return {"since": since, "until": until, "kinds": list(look_kinds()), "others": NOT_STAFF,
            "zone": hospital_zone().key}  # fmt: skip


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _members(ids: Iterable[UUID]) -> dict[UUID, Member]:
    wanted = list(ids)
    own: dict[UUID, set[UUID]] = defaultdict(set)
    grants = PatientUserObjectPermission.objects.filter(user_id__in=wanted).values_list("user_id", "content_object_id")
    for person, patient in grants:
        own[person].add(patient)
    people = User.objects.filter(id__in=wanted).values_list("id", "name", "roles")
    return {
        person: Member(
            person, name, names.surname_of(name), _role(roles), names.full_name(name), frozenset(own[person])
        )
        for person, name, roles in people
    }


def _role(roles: list[str]) -> str:
    return next((role for role in roles if role in HOSPITAL_STAFF), roles[0] if roles else "")


def _subjects(ids: Iterable[UUID]) -> dict[UUID, Subject]:
    staff = {
        names.full_name(name)
        for name in User.objects.filter(roles__overlap=sorted(HOSPITAL_STAFF)).values_list("name", flat=True)
    }
    wanted = list(ids)
    flags = dict(Flag.objects.filter(patient_id__in=wanted, ended_at=None).values_list("patient_id", "reason"))
    found = Patient.objects.filter(id__in=wanted).values_list("id", "name", "family_name")
    return {patient: _subject(patient, name, family, staff, flags.get(patient, "")) for patient, name, family in found}


def _subject(patient: UUID, name: str, family: str, staff: set[str], flag: str) -> Subject:
    full = names.full_name(name)
    return Subject(patient, name, names.family_name(family), full, " " in full and full in staff, flag)


def _usual(said: Mapping[str, Any]) -> tuple[dict[UUID, Usual], dict[str, Usual]]:
    people: dict[UUID, Usual] = {}
    roles: dict[str, list[int]] = defaultdict(list)
    for person, role, hours, looks, patients, days in _rows(USUAL, said):
        by_hour = Counter[int]()
        for hour, count in zip(hours, looks, strict=True):
            by_hour[hour] += count
        people[person] = Usual(tuple(by_hour[hour] for hour in range(HOURS)), tuple(patients), days)
        roles[role] += patients
    return people, {role: Usual(patients_an_hour=tuple(patients)) for role, patients in roles.items()}


def _neighbours(looks: Iterable[Looked], members: Mapping[UUID, Member]) -> frozenset[tuple[UUID, UUID]]:
    """Those pairs of a member's own record and a patient looked at that the record system gives one address."""
    pairs = {
        (own, looked.patient)
        for looked in looks
        if looked.person in members
        for own in members[looked.person].own
        if own != looked.patient
    }
    return same_address(pairs)


def _surnames() -> dict[str, int]:
    found = Counter[str]()
    counted = Patient.objects.filter(merged_into=None).exclude(family_name="").values_list("family_name")
    for family, count in counted.annotate(Count("id")).order_by():
        found[names.family_name(family)] += count
    return found
