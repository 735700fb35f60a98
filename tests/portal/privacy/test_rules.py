"""Each rule of the report fires where it should, and keeps still where it knows too little. No database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.privacy.unusual import (
    RULES,
    bulk,
    colleague,
    flagged,
    names,
    own_record,
    same_address,
    same_surname,
    strange_hours,
    travel,
)
from portal.privacy.unusual.ground import Ground, HourOf, Looked, Member, Place, SignIn, Subject, Usual
from portal.privacy.unusual.rule import Found

CHEN, ALICE, OWN = uuid4(), uuid4(), uuid4()
DAY = date(2026, 11, 20)
LOOK = Looked(CHEN, ALICE, DAY, (11, 12), 2)


def member(name: str = "Dr. Lin Chen", own: frozenset[UUID] = frozenset(), role: str = "clinician") -> Member:
    return Member(CHEN, name, names.surname_of(name), role, names.full_name(name), own)


def subject(name: str = "Alice Moreno", family: str = "Moreno", **more: Any) -> Subject:
    return Subject(ALICE, name, names.family_name(family), names.full_name(name), **more)


def ground(who: Member | None = None, whom: Subject | None = None, **more: Any) -> Ground:
    who, whom = who or member(), whom or subject()
    return Ground(**{"looks": [LOOK], "members": {who.id: who}, "subjects": {whom.id: whom}, **more})


def test_an_ordinary_look_is_nothing_unusual() -> None:
    assert [found for rule in RULES.values() for found in rule.look(ground())] == []


def test_nothing_at_all_is_nothing_unusual() -> None:
    assert [found for rule in RULES.values() for found in rule.look(Ground())] == []


# Special watch


def test_a_look_at_a_watched_record_is_found_with_its_events_and_the_reason() -> None:
    (found,) = flagged.look(ground(whom=subject(flag="Known from the news")))
    assert (found.person, found.patient, found.day, found.events, found.count) == (CHEN, ALICE, DAY, (11, 12), 2)
    assert "Known from the news" in flagged.say(found.facts)
    assert "2 times" in flagged.say(found.facts)


def test_a_look_at_a_record_without_a_flag_is_not() -> None:
    assert list(flagged.look(ground())) == []


# Own record, colleague


def test_ones_own_record_is_found() -> None:
    (found,) = own_record.look(ground(member(own=frozenset({ALICE}))))
    assert found.weight == own_record.WEIGHT
    assert own_record.say(found.facts)


def test_a_patient_of_ones_own_name_is_found_and_weighs_less() -> None:
    (found,) = own_record.look(ground(member("Alice Moreno, RN")))
    assert found.weight == own_record.BY_NAME
    assert "their name" in own_record.say(found.facts)


def test_one_word_is_no_name_to_go_by() -> None:
    assert list(own_record.look(ground(member("Alice"), subject("Alice", "")))) == []
    assert list(own_record.look(ground(member(""), subject("", "")))) == []


def test_a_colleague_s_record_is_found_and_ones_own_is_not_a_colleague_s() -> None:
    (found,) = colleague.look(ground(whom=subject(works_here=True)))
    assert "work at this hospital" in colleague.say(found.facts)
    own = ground(member(own=frozenset({ALICE})), subject(works_here=True))
    assert list(colleague.look(own)) == []
    assert list(colleague.look(ground())) == []


# Surname, address


@pytest.mark.parametrize(
    ("account", "family"),
    [("Rosa Moreno", "Moreno"), ("Dr. José MORENO", "moreno"), ("Núñez, Ana Nuñez", "NUNEZ"),
     ("I. Соколова", "Соколова"),
     ("Anna von Hohenstein-Østergaard", "von Hohenstein-Østergaard")],
)  # fmt: skip
def test_the_same_surname_is_found_however_it_is_written(account: str, family: str) -> None:
    (found,) = same_surname.look(ground(member(account), subject(family=family)))
    assert found.weight == same_surname.RARE
    assert "surname" in same_surname.say(found.facts)


@pytest.mark.parametrize(
    ("account", "family"), [("Rosa Moreno", "Morena"), ("chen", ""), ("", ""), ("Dr. Chen", "Chen")]
)
def test_another_surname_or_none_is_not(account: str, family: str) -> None:
    """ "Dr. Chen" is a title and one word: the account says no surname for certain."""
    assert list(same_surname.look(ground(member(account), subject(family=family)))) == []


@pytest.mark.parametrize(("having", "weight"), [(2, 35), (20, 15), (40, 0)])
def test_a_name_that_many_have_says_little_or_nothing(having: int, weight: int) -> None:
    here = ground(member("Rosa Moreno"), surnames={"moreno": having}, patients=1000)
    assert [found.weight for found in same_surname.look(here)] == ([weight] if weight else [])


def test_in_a_small_hospital_a_share_says_nothing() -> None:
    here = ground(member("Rosa Moreno"), surnames={"moreno": 2}, patients=10)
    assert [found.weight for found in same_surname.look(here)] == [same_surname.RARE]


def test_the_same_address_is_found_by_the_record_of_the_one_who_looked() -> None:
    lives = ground(member(own=frozenset({OWN})), same_address=frozenset({(OWN, ALICE)}))
    (found,) = same_address.look(lives)
    assert "address" in same_address.say(found.facts)
    assert dict(found.facts) == {}, "no address is copied"


def test_another_address_is_not_found_and_neither_is_ones_own_record() -> None:
    assert list(same_address.look(ground(member(own=frozenset({OWN}))))) == []
    own = ground(member(own=frozenset({ALICE, OWN})), same_address=frozenset({(OWN, ALICE)}))
    assert list(same_address.look(own)) == []


# Many patients


def hour(patients: int, at: int = 10, day: date = DAY) -> HourOf:
    return HourOf(CHEN, day, at, patients * 2, patients, tuple(range(1, patients + 1)))


def busy(*hours: HourOf, own: tuple[int, ...] = (), of_role: tuple[int, ...] = (), role: str = "clinician") -> Ground:
    return Ground(hours=hours, members={CHEN: member(role=role)}, usual={CHEN: Usual(patients_an_hour=own)},
                  usual_of_role={"clinician": Usual(patients_an_hour=of_role)})  # fmt: skip


def test_many_more_patients_than_usual_in_an_hour_are_found() -> None:
    (found,) = bulk.look(busy(hour(40), own=(4, 5, 6) * 10))
    assert found.patient is None
    assert "40 patients in the hour from 10:00" in bulk.say(found.facts)
    assert "about 5" in bulk.say(found.facts)


def test_as_many_as_usual_are_not() -> None:
    assert list(bulk.look(busy(hour(40), own=(35, 40, 45) * 10))) == []
    assert list(bulk.look(busy(hour(bulk.LEAST), own=(1,) * 30))) == [], "few patients are never many"


def test_one_wild_hour_in_the_past_excuses_nothing() -> None:
    assert len(list(bulk.look(busy(hour(40), own=(*((4, 5, 6) * 10), 400))))) == 1


def test_who_has_no_past_is_measured_by_the_role() -> None:
    assert len(list(bulk.look(busy(hour(40), of_role=(4, 5, 6) * 20)))) == 1
    assert list(bulk.look(busy(hour(40), of_role=(30, 40, 50) * 20))) == []


def test_where_nobody_has_a_past_only_very_many_are_found() -> None:
    assert list(bulk.look(busy(hour(40)))) == []
    (found,) = bulk.look(busy(hour(90)))
    assert "Usual" not in bulk.say(found.facts)


def test_the_worst_hour_of_a_day_is_said_once() -> None:
    found = list(bulk.look(busy(hour(40, 9), hour(80, 10), hour(60, 11), own=(5,) * 30)))
    assert [one.facts["patients"] for one in found] == [80]
    assert found[0].weight <= bulk.HEAVIEST


@given(st.lists(st.integers(0, 500), max_size=60), st.integers(0, 1000))
def test_no_past_makes_the_measure_fail(past: list[int], now: int) -> None:
    for found in bulk.look(busy(hour(now), own=tuple(past))):
        assert 1 <= found.weight <= 100
        assert bulk.say(found.facts)


# Odd hours

DAYTIME = Usual(tuple(40 if 8 <= at < 17 else 0 for at in range(24)), (), days=30)
NIGHTS = Usual(tuple(40 if at >= 22 or at < 6 else 0 for at in range(24)), (), days=30)


def at_hour(at: int, usual: Usual) -> list[Found]:
    here = Ground(hours=[hour(1, at)], members={CHEN: member()}, usual={CHEN: usual})
    return list(strange_hours.look(here))


@pytest.mark.parametrize("at", [0, 3, 22])
def test_a_look_at_night_by_who_works_at_day_is_found(at: int) -> None:
    (found,) = at_hour(at, DAYTIME)
    assert f"{at:02d}:00" in strange_hours.say(found.facts)


@pytest.mark.parametrize("at", [7, 8, 12, 17])
def test_a_look_at_ones_own_hours_or_the_hour_beside_them_is_not(at: int) -> None:
    assert at_hour(at, DAYTIME) == []


def test_who_works_nights_is_not_odd_at_night_but_at_noon() -> None:
    assert at_hour(3, NIGHTS) == []
    assert at_hour(0, NIGHTS) == []
    assert len(at_hour(12, NIGHTS)) == 1


@pytest.mark.parametrize(
    "past", [Usual(), Usual((0,) * 9 + (40,) + (0,) * 14, (), 30), Usual((10,) * 9 + (0,) * 15, (), 3)]
)
def test_who_has_little_past_is_never_odd(past: Usual) -> None:
    assert at_hour(3 if past.days != 3 else 20, past) == []


# Impossible distances

BOSTON = Place(42.36, -71.06, 20, "Boston, United States")
PARIS = Place(48.86, 2.35, 20, "Paris, France")
PLACES = {"192.0.2.1": BOSTON, "192.0.2.2": PARIS, "192.0.2.3": Place(42.0, -71.5, 20, "Near Boston")}
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def signed_in(*steps: tuple[str, float], places: Mapping[str, Place] | None = PLACES) -> list[Found]:
    """Sign-ins at these addresses, so many hours after noon."""
    made = [SignIn(n, CHEN, "Dr. Lin Chen", AT + timedelta(hours=hours), address)
            for n, (address, hours) in enumerate(steps)]  # fmt: skip
    return list(travel.look(Ground(sign_ins=made, places=places, zone=ZoneInfo("America/New_York"))))


def test_two_sign_ins_too_far_apart_are_found() -> None:
    (found,) = signed_in(("192.0.2.1", 0), ("192.0.2.2", 1))
    said = travel.say(found.facts)
    assert "Boston" in said
    assert "Paris" in said
    assert "60 minutes later" in said
    assert found.events == (0, 1)
    assert 5_000 < found.facts["kilometers"] < 6_000


def test_with_time_for_a_flight_they_are_not() -> None:
    assert signed_in(("192.0.2.1", 0), ("192.0.2.2", 8)) == []


def test_places_near_each_other_unknown_ones_and_another_person_s_are_not() -> None:
    assert signed_in(("192.0.2.1", 0), ("192.0.2.3", 0.01)) == []
    assert signed_in(("192.0.2.1", 0), ("10.0.0.1", 0.01)) == []
    mine = SignIn(1, CHEN, "Chen", AT, "192.0.2.1")
    hers = SignIn(2, uuid4(), "Ada", AT, "192.0.2.2")
    assert list(travel.look(Ground(sign_ins=[mine, hers], places=PLACES))) == []


def test_without_places_the_rule_says_nothing() -> None:
    assert signed_in(("192.0.2.1", 0), ("192.0.2.2", 1), places=None) == []


def test_the_day_of_a_sign_in_is_the_hospital_s() -> None:
    (found,) = signed_in(("192.0.2.1", 15), ("192.0.2.2", 15.5))
    assert found.day == DAY, "03:30 in UTC is still the evening before in New York"


@pytest.mark.parametrize(("here", "there", "km"), [(BOSTON, PARIS, 5_530), (BOSTON, BOSTON, 0)])
def test_distances_are_those_of_the_globe(here: Place, there: Place, km: int) -> None:
    assert abs(travel.kilometers(here, there) - km) < 30


def test_each_rule_says_something_of_whatever_it_finds() -> None:
    samples: dict[str, dict[str, Any]] = {
        "flagged": {"reason": "x", "looks": 1}, "bulk": {"patients": 30, "hour": 9, "usual": 4},
        "strange_hours": {"hour": 3}, "travel": {"from": "A", "to": "B", "kilometers": 4000, "minutes": 5},
    }  # fmt: skip
    for key, rule in RULES.items():
        assert str(rule.title)
        assert rule.say(samples.get(key, {})).endswith("."), key
