"""How the demo's two hospitals look and how they are reached."""

from dataclasses import dataclass

_MERCY_SYMBOL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">
<rect width="48" height="48" rx="9" fill="#0b6168"/>
<g fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round">
<path d="M11 36V25a6.5 6.5 0 0 1 13 0v11"/><path d="M24 25a6.5 6.5 0 0 1 13 0v11"/>
<path d="M24 7v8M20 11h8"/></g></svg>"""
_RIVERSIDE_SYMBOL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">
<circle cx="24" cy="24" r="24" fill="#f2693c"/><circle cx="31" cy="15" r="5" fill="#fff"/>
<g fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round">
<path d="M9 26c5-5 10-5 15 0s10 5 15 0"/><path d="M13 34c4-4 7.500-4 11 0s7 4 11 0"/></g></svg>"""


@dataclass(frozen=True, slots=True)
class Look:
    slug: str
    name: str
    brand: str
    corner: str
    motif: str
    symbol: str
    phone: str
    hours: dict[str, str]
    names: dict[str, str]
    time_zone: str


_HOURS = {
    "en": "Monday to Friday, 8 am to 6 pm",
    "es": "de lunes a viernes, de 8 de la mañana a 6 de la tarde",
    "ar": "من الاثنين إلى الجمعة، من 8 صباحًا إلى 6 مساءً",
}
LOOKS = (
    Look(
        "mercy", "Mercy General Hospital", "#0b6168", "soft", "arches", _MERCY_SYMBOL, "(202) 555-0142", _HOURS,
        {"en": "Mercy General Hospital", "es": "Hospital General Mercy", "ar": "مستشفى ميرسي العام"},
        "America/New_York",
    ),
    Look(
        "riverside", "Riverside Children's Hospital", "#f2693c", "round", "waves", _RIVERSIDE_SYMBOL, "(202) 555-0117",
        _HOURS,
        {
            "en": "Riverside Children's Hospital", "es": "Hospital Infantil Riverside",
            "ar": "مستشفى ريفرسايد للأطفال",
        },
        "America/Los_Angeles",
    ),
)  # fmt: skip
