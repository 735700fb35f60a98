"""The looks of the two sample hospitals: for the demo, the gallery and the tests."""

from __future__ import annotations

from typing import Any

from themes.models import Brand

MERCY_SYMBOL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" fill="#0b6168"/>'
    '<g fill="none" stroke="#fff" stroke-linecap="round">'
    '<path stroke-width="3.6" d="M12.5 35V24a5.75 5.75 0 0 1 11.5 0v11M24 35V24a5.75 5.75 0 0 1 11.5 0v11"/>'
    '<path stroke-width="3" d="M24 8v7M20.5 11.5h7"/></g></svg>'
)
RIVERSIDE_SYMBOL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="24" fill="#f2693c"/>'
    '<circle cx="31.5" cy="15" r="5" fill="#fff"/><g fill="none" stroke="#fff" stroke-width="3.4"'
    ' stroke-linecap="round"><path d="M8 26c5-5 9-4 13 0s8 6 13 1 5-3 6-3"/>'
    '<path d="M14 36c4-4 8-3 11 0s6 3 10-1"/></g></svg>'
)
HOURS = {
    "en": "Monday to Friday, 8 am to 6 pm",
    "es": "de lunes a viernes, de 8 a. m. a 6 p. m.",
    "ar": "من الاثنين إلى الجمعة، من 8 صباحًا إلى 6 مساءً",
}
# As keyword arguments of themes.actions.set_brand.
SAMPLES: dict[str, dict[str, Any]] = {
    "mercy": {
        "brand_color": "#0b6168",
        "corner": "soft",
        "motif": "arches",
        "symbol_svg": MERCY_SYMBOL,
        "names": {"ar": "مستشفى ميرسي العام"},
        "phone": "(202) 555-0142",
        "hours": HOURS,
        "emergency": "911",
    },
    "riverside": {
        "brand_color": "#f2693c",
        "corner": "round",
        "motif": "waves",
        "symbol_svg": RIVERSIDE_SYMBOL,
        "names": {"ar": "مستشفى ريفرسايد للأطفال"},
        "phone": "(202) 555-0117",
        "hours": HOURS,
        "emergency": "911",
    },
}


def sample(slug: str) -> Brand:
    """An unsaved brand of a sample hospital."""
    return Brand(**SAMPLES[slug])


def other_than(brand_color: str) -> Brand:
    """The sample that looks least like this one."""
    return sample("mercy" if brand_color == SAMPLES["riverside"]["brand_color"] else "riverside")
