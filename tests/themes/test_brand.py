"""A hospital's brand: typed values in, one hash out, one query a process."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.audit import Actor
from foundation.errors import Refusal
from foundation.tenancy import HospitalRecord, inside
from tenants.queries import hospital_by_slug
from themes.actions import set_brand
from themes.models import Brand
from themes.queries import brand, brand_of, known_brand
from themes.samples import SAMPLES

ADA = Actor.command("tests")


def fresh(hospital: HospitalRecord) -> HospitalRecord:
    found = hospital_by_slug(hospital.slug)
    assert found is not None
    return found


def test_a_new_hospital_wears_the_color_it_was_made_with(in_mercy: HospitalRecord) -> None:
    assert brand().brand_color == "#0b6168"
    assert brand().name == "Mercy General Hospital"
    assert in_mercy.theme_hash


def test_a_changed_brand_has_another_hash_and_another_sheet(in_mercy: HospitalRecord) -> None:
    before = brand()
    set_brand(by=ADA, **SAMPLES["riverside"])
    after = fresh(in_mercy)
    assert after.theme_hash != in_mercy.theme_hash
    assert brand_of(after).css_hash != before.css_hash
    assert brand_of(after).corner == "round"


def test_what_is_not_given_stays_as_it_is(in_mercy: HospitalRecord) -> None:
    set_brand(by=ADA, phone="(202) 555-0142")
    set_brand(by=ADA, corner="round")
    row = Brand.objects.get()
    assert (row.phone, row.corner, row.brand_color) == ("(202) 555-0142", "round", "#0b6168")


def test_a_known_brand_costs_no_query(in_mercy: HospitalRecord) -> None:
    brand()
    with CaptureQueriesContext(connection) as seen:
        brand()
    assert len(seen) == 0


def test_a_brand_in_one_hospital_is_not_seen_in_another(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        set_brand(by=ADA, phone="(202) 555-0142")
    with inside(riverside):
        assert brand().phone == ""
        assert brand().brand_color == "#f2693c"


def test_names_and_hours_follow_the_language_and_fall_back_to_english(in_mercy: HospitalRecord) -> None:
    from django.utils import translation

    set_brand(by=ADA, names={"ar": "مستشفى"}, hours={"en": "8 am to 6 pm"})
    view = brand_of(fresh(in_mercy))
    with translation.override("ar"):
        assert view.name == "مستشفى"
        assert view.hours == "8 am to 6 pm"
    with translation.override("es"):
        assert view.name == "Mercy General Hospital"


def test_without_a_database_a_hospital_keeps_its_name(mercy: HospitalRecord) -> None:
    view = known_brand(mercy)
    assert view.name == "Mercy General Hospital"
    assert view.brand_color == "#3b3f6b"


HOSTILE: list[dict[str, Any]] = [
    {"brand_color": "red;}input[value^=a]{background:url(//x)}"},
    {"brand_color": "</style><script>"},
    {"brand_color": "@import url(//x)"},
    {"brand_color": "expression(alert(1))"},
    {"brand_color": "{{ settings.SECRET_KEY }}"},
    {"brand_color": "#0b6168;position:fixed"},
    {"corner": "0;}*{position:fixed;inset:0}"},
    {"motif": "url(//x)"},
    {"motif": "../../secret"},
    {"phone": "javascript:alert(1)"},
    {"phone": "555<script>"},
    {"emergency": "911<script>"},
    {"emergency": "tel:911"},
    {"names": {"en": "<script>alert(1)</script>"}},
    {"names": {"en": "{{ 7*7 }}"}},
    {"names": {"en": "a" * 121}},
    {"names": {"en": "mercy\u202egnikcah"}},
    {"hours": {"en<script>": "8 am"}},
    {"security_contact": "nobody"},
    {"symbol_svg": "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8' onload='alert(1)'/>"},
]


@pytest.mark.parametrize("values", HOSTILE, ids=lambda values: str(values)[:50])
@pytest.mark.security("S69")
def test_a_hostile_value_is_refused_and_changes_nothing(in_mercy: HospitalRecord, values: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        set_brand(by=ADA, **values)
    assert fresh(in_mercy).theme_hash == in_mercy.theme_hash


@pytest.mark.security("S69")
def test_a_brand_has_no_field_for_styles(in_mercy: HospitalRecord) -> None:
    with pytest.raises(TypeError):
        set_brand(by=ADA, css="body{}")  # type: ignore[call-arg]
