"""Writes about a hospital's brand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from foundation import clock
from foundation.actions import about, action
from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, current_hospital
from tenants.actions import set_theme_hash
from themes.errors import BrandInvalid
from themes.models import Brand
from themes.queries import forget_brands
from themes.svg import clean_svg
from themes.tokens import NotAColor, hex_color

LONGEST_TEXT = 120


@action(event="brand.changed")
def set_brand(
    *,
    by: Actor,
    brand_color: str | None = None,
    corner: str | None = None,
    motif: str | None = None,
    symbol_svg: str | None = None,
    names: Mapping[str, str] | None = None,
    phone: str | None = None,
    hours: Mapping[str, str] | None = None,
    emergency: str | None = None,
    interpreters: bool | None = None,
    security_contact: str | None = None,
) -> Brand:
    """Changes the brand of the hospital that has been entered. What is not given stays as it is.

    Raises BrandInvalid with a sentence for people, LogoRefused for a drawing that cannot be shown safely.
    """
    given = {
        "brand_color": brand_color, "corner": corner, "motif": motif, "symbol_svg": symbol_svg, "names": names,
        "phone": phone, "hours": hours, "emergency": emergency, "interpreters": interpreters,
        "security_contact": security_contact,
    }  # fmt: skip
    values = {name: value for name, value in given.items() if value is not None}
    hospital = current_hospital()
    about(target=("brand", hospital.slug), reason=" ".join(sorted(values)))
    row = Brand.objects.select_for_update().filter(pk=1).first() or Brand()
    for name, value in values.items():
        setattr(row, name, _checked(name, value))
    row.changed_at = clock.now()
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as problem:
        raise BrandInvalid(" ".join(problem.messages)) from problem
    row.save()
    set_theme_hash(by=by, hospital=hospital, theme_hash=_hash_of(row, hospital, sorted(given)))
    forget_brands()
    return row


def _checked(name: str, value: Any) -> Any:
    if name == "brand_color":
        try:
            return hex_color(value)
        except NotAColor as problem:
            raise BrandInvalid(_("Write the color as # and six digits or letters a to f.")) from problem
    if name == "symbol_svg":
        return clean_svg(value) if value else ""
    if name in {"names", "hours"}:
        return _texts(value)
    return value


def _texts(value: Mapping[str, str]) -> dict[str, str]:
    """Texts by language: short, one line, printable. They are shown as text, never as HTML."""
    checked: dict[str, str] = {}
    for code, text in value.items():
        plain = " ".join(str(text).split())
        if not code.isascii() or not code.replace("-", "").isalpha() or len(code) > 8:
            raise BrandInvalid(_("The language “%(code)s” is not known.") % {"code": code[:8]})
        if len(plain) > LONGEST_TEXT or not plain.isprintable() or set("<>{}") & set(plain):
            raise BrandInvalid(_("Write at most 120 plain characters."))
        checked[code] = plain
    return checked


def _hash_of(row: Brand, hospital: HospitalRecord, fields: list[str]) -> str:
    values = model_to_dict(row, fields=fields)
    return hashlib.sha256(json.dumps([hospital.schema_name, values], sort_keys=True).encode()).hexdigest()[:12]
