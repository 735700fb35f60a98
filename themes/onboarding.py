"""What a new hospital begins with."""

from __future__ import annotations

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord
from themes.actions import set_brand


def write_first_brand(*, by: Actor, hospital: HospitalRecord, brand: str) -> None:
    """Called inside the new schema, in the transaction that makes the hospital (registry `on_hospital_created`)."""
    set_brand(by=by, brand_color=brand)
