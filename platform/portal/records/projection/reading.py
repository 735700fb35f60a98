"""Reading a FHIR resource that may be half valid: each function answers, none raises.

A resource is JSON that somebody else's server sent. Any field may be missing, or have another type than R4 says.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from uuid import UUID, uuid5

Json = Mapping[str, Any]
EMPTY: Json = {}
KEYS = UUID("5e0d7a9e-0b63-4d1a-9a55-1d1f0f6a7c21")
LONGEST_PLAIN = 60


def named(listed: str) -> frozenset[str]:
    """A set of codes, written as one line of words."""
    return frozenset(listed.split())


def text(value: Any) -> str:
    """A string, cleaned of what PostgreSQL cannot hold; "" for everything else."""
    if not isinstance(value, str):
        return ""
    said: str = value.replace("\x00", "") if "\x00" in value else value
    if not said.isascii():
        said = said.encode("utf-8", "ignore").decode("utf-8")
    return said.strip()


def node(parent: Any, key: str) -> Json:
    """The object under a key, or an empty one. A list gives its first object."""
    value = parent.get(key) if isinstance(parent, Mapping) else None
    if isinstance(value, list):
        value = next((entry for entry in value if isinstance(entry, Mapping)), None)
    return value if isinstance(value, Mapping) else EMPTY


def nodes(parent: Any, key: str) -> list[Json]:
    """The objects under a key: of a list all, of a single object that one."""
    value = parent.get(key) if isinstance(parent, Mapping) else None
    if isinstance(value, Mapping):
        return [value]
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def texts(parent: Any, key: str) -> list[str]:
    """The strings under a key: of a list all, of a single string that one."""
    value = parent.get(key) if isinstance(parent, Mapping) else None
    found = [text(entry) for entry in (value if isinstance(value, list) else [value])]
    return [entry for entry in found if entry]


def word(parent: Any, key: str) -> str:
    """The string under a key, or ""."""
    return text(parent.get(key)) if isinstance(parent, Mapping) else ""


def codings(concept: Any) -> Iterator[tuple[str, str, str]]:
    """(system, code, display) of a CodeableConcept."""
    for entry in nodes(concept, "coding"):
        yield word(entry, "system"), word(entry, "code"), word(entry, "display")


def codes(concept: Any) -> frozenset[str]:
    """All codes of a CodeableConcept, whatever their systems. A bare string counts as one."""
    if isinstance(concept, str):
        return frozenset({text(concept)})
    return frozenset(code for _system, code, _display in codings(concept) if code)


def all_codes(parent: Any, key: str) -> frozenset[str]:
    """All codes of a list of CodeableConcepts."""
    found: set[str] = set(texts(parent, key))
    for concept in nodes(parent, key):
        found |= codes(concept)
    return frozenset(found)


def code_in(concept: Any, system: str) -> str:
    return next((code for where, code, _display in codings(concept) if where == system and code), "")


def concept_text(concept: Any) -> str:
    """What a CodeableConcept says to a person: its text, else a display, else a code."""
    said = word(concept, "text")
    if said:
        return said
    found = list(codings(concept))
    return next((display for _s, _c, display in found if display), "") or next((c for _s, c, _d in found if c), "")


def concept_texts(parent: Any, key: str) -> list[str]:
    """The same for a list, without repetition."""
    said = [concept_text(entry) for entry in nodes(parent, key)] + texts(parent, key)
    return list(dict.fromkeys(entry for entry in said if entry))


def number_text(value: Any) -> str:
    """A JSON number as the source wrote it: 5.40 stays 5.40 where the reader kept decimals. "" for no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return ""
    try:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
    except (ArithmeticError, ValueError):
        return ""
    if not exact.is_finite():
        return ""
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > LONGEST_PLAIN or abs(exact.adjusted()) > LONGEST_PLAIN:
        return str(exact)[:200]
    return format(exact, "f")


def number(said: str) -> Decimal | None:
    """The number in a text made by number_text."""
    try:
        return Decimal(said) if said else None
    except ArithmeticError:
        return None


def reference_id(reference: Any, expected: str = "") -> tuple[str, str] | None:
    """(type, id) of a Reference or its text: relative, absolute, versioned, or urn:uuid (then of the expected type)."""
    said = word(reference, "reference") if isinstance(reference, Mapping) else text(reference)
    if not said or said.startswith("#"):
        return None
    if said.startswith("urn:"):
        return (expected, said.rsplit(":", 1)[-1]) if expected else None
    parts = said.split("?", 1)[0].split("/")
    if "_history" in parts:
        parts = parts[: parts.index("_history")]
    if len(parts) < 2 or not parts[-1] or not parts[-2].isalpha():
        return None
    return parts[-2], parts[-1]


def key_of(source: str, kind: str, fhir_id: str, part: str = "") -> UUID:
    """The id of a projected row: the same each time the same resource is projected."""
    return uuid5(KEYS, f"{source}|{kind}/{fhir_id}#{part}")


def contained(body: Json, reference: Json) -> Json:
    """The contained resource that a "#id" reference means, or an empty object."""
    said = word(reference, "reference")
    if not said.startswith("#"):
        return EMPTY
    return next((entry for entry in nodes(body, "contained") if word(entry, "id") == said[1:]), EMPTY)


def human_name(body: Json) -> str:
    """The name of a person or thing: name as text, as HumanName, or the type's own title."""
    plain = word(body, "name")
    if plain:
        return plain
    name = node(body, "name")
    if word(name, "text"):
        return word(name, "text")
    parts = [*texts(name, "prefix"), *texts(name, "given"), word(name, "family"), *texts(name, "suffix")]
    return " ".join(part for part in parts if part)


class _Words(HTMLParser):
    BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.silent += tag in ("script", "style")
        self.found.append("\n" if tag in self.BREAKS else " " if tag in ("td", "th") else "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style") and self.silent > 0
        self.found.append("\n" if tag in self.BREAKS else "")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def narrative(body: Json) -> str:
    """The resource's narrative as plain lines: no markup survives."""
    parser = _Words()
    try:
        parser.feed(word(node(body, "text"), "div"))
        parser.close()
    except (AssertionError, ValueError):
        return ""
    lines = (" ".join(line.split()) for line in "".join(parser.found).split("\n"))
    return "\n".join(line for line in lines if line)
