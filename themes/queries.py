"""What pages read of a brand. Kept in the process by schema and theme hash, so that a page costs no query."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from foundation.tenancy import PUBLIC, HospitalRecord, current_schema, standing
from themes.models import Brand
from themes.stylesheet import sheet_hash, stylesheet
from themes.tokens import Tokens, derive

PORTICO_COLOR = "#3b3f6b"
MOST = 1_000
DEFAULT_SYMBOL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">'
    '<rect width="48" height="48" rx="{radius}" fill="{fill}"/>'
    '<text x="24" y="33" text-anchor="middle" fill="{ink}" font-family="Noto Sans,Segoe UI,sans-serif" font-size="25"'
    ' font-weight="700">{letter}</text></svg>'
)
PORTICO_SYMBOL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="9" fill="#3b3f6b"/>'
    '<g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">'
    '<path d="M12 20 24 12l12 8M12 36h24M16 24v8M24 24v8M32 24v8"/></g></svg>'
)


@dataclass(frozen=True, slots=True)
class BrandView:
    """All that a page, a mail or a letterhead needs to know of how a hospital looks."""

    schema_name: str
    names: dict[str, str]
    languages: tuple[str, ...]
    brand_color: str
    corner: str
    motif: str
    symbol: str
    phone: str
    hours_by_language: dict[str, str]
    emergency: str
    interpreters: bool
    security_contact: str
    tokens: Tokens
    css: str
    css_hash: str
    symbol_hash: str
    # Pieces of pages that this brand has been put into (themes.chrome), and the navigation by roles.
    rendered: dict[Any, SafeString] = field(default_factory=dict, compare=False, repr=False)
    entries: dict[frozenset[str], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        return _in_language(self.names)

    @property
    def hours(self) -> str:
        return _in_language(self.hours_by_language)

    @property
    def phone_href(self) -> str:
        return "tel:" + re.sub(r"[^+0-9]", "", self.phone)

    @property
    def theme_url(self) -> str:
        return f"/theme/{self.css_hash}.css"

    @property
    def logo_url(self) -> str:
        return f"/brand/logo.svg?v={self.symbol_hash}"

    @property
    def is_public(self) -> bool:
        return self.schema_name == PUBLIC.schema_name


def _in_language(texts: dict[str, str]) -> str:
    return texts.get(get_language() or "en") or texts.get("en", "")


# Process-wide, keyed by schema: holds how hospitals look, which everybody may see, and nothing of a person.
_views: dict[tuple[str, str], BrandView] = {}


def brand() -> BrandView:
    """The brand of where we stand: a hospital's, or Portico's own in `public`. At most one query, once a process."""
    where = standing()
    if where is None:
        current_schema()  # says in words what is wrong
        raise AssertionError
    return brand_of(where)


def brand_of(hospital: HospitalRecord) -> BrandView:
    """The brand of a hospital that has been entered."""
    key = (hospital.schema_name, hospital.theme_hash)
    view = _views.get(key)
    if view is None:
        view = portico_brand() if hospital.schema_name == PUBLIC.schema_name else _read(hospital)
        if len(_views) >= MOST:
            _views.clear()
        _views[key] = view
    return view


def known_brand(hospital: HospitalRecord | None) -> BrandView:
    """Without the database: the brand if this process has met it, else neutral tokens under the hospital's name."""
    if hospital is None:
        return portico_brand()
    return _views.get((hospital.schema_name, hospital.theme_hash)) or neutral_brand(hospital)


def forget_brands() -> None:
    _views.clear()


def _read(hospital: HospitalRecord) -> BrandView:
    row = Brand.objects.filter(pk=1).first() or Brand()
    return view_of(row, hospital)


def view_of(row: Brand, hospital: HospitalRecord) -> BrandView:
    """A row, saved or not, as pages see it."""
    tokens = derive(row.brand_color)
    names = {"en": hospital.name, **{code: str(text) for code, text in row.names.items() if text}}
    symbol = row.symbol_svg or _letter(names["en"], row, tokens)
    css = stylesheet(tokens, row.corner)
    return BrandView(
        schema_name=hospital.schema_name,
        names=names,
        languages=hospital.languages,
        brand_color=row.brand_color,
        corner=row.corner,
        motif=row.motif,
        symbol=symbol,
        phone=row.phone,
        hours_by_language={code: str(text) for code, text in row.hours.items()},
        emergency=row.emergency,
        interpreters=row.interpreters,
        security_contact=row.security_contact,
        tokens=tokens,
        css=css,
        css_hash=sheet_hash(hospital.schema_name, css),
        symbol_hash=sheet_hash(hospital.schema_name, symbol),
    )


def _letter(name: str, row: Brand, tokens: Tokens) -> str:
    radius = {"square": 3, "soft": 9, "round": 24}[row.corner]
    letter = html.escape(name[:1].upper() or "P")
    return DEFAULT_SYMBOL.format(radius=radius, fill=tokens.light.primary, ink=tokens.light.on_primary, letter=letter)


def neutral_brand(hospital: HospitalRecord) -> BrandView:
    """Portico's own tokens with the hospital's name: for pages that must come out without a database."""
    plain = portico_brand()
    return _portico({"en": hospital.name}, hospital.languages, plain.symbol)


def portico_brand() -> BrandView:
    """The vendor's own brand, for the public host."""
    key = (PUBLIC.schema_name, "")
    view = _views.get(key)
    if view is None:
        view = _views[key] = _portico({"en": PUBLIC.name}, PUBLIC.languages, PORTICO_SYMBOL)
    return view


def _portico(names: dict[str, str], languages: tuple[str, ...], symbol: str) -> BrandView:
    tokens = derive(PORTICO_COLOR)
    css = stylesheet(tokens, "soft")
    return BrandView(
        schema_name=PUBLIC.schema_name, names=names, languages=languages, brand_color=PORTICO_COLOR, corner="soft",
        motif="plain", symbol=symbol, phone="", hours_by_language={}, emergency="", interpreters=False,
        security_contact="", tokens=tokens, css=css, css_hash=sheet_hash(PUBLIC.schema_name, css),
        symbol_hash=sheet_hash(PUBLIC.schema_name, symbol),
    )  # fmt: skip
