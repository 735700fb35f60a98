"""FHIR references (R4, 2.3): what a reference's text points at."""

from __future__ import annotations

import re

# [base/]Type/id[/_history/version], R4 2.3.0.1
LITERAL = re.compile(
    r"^(?:(?P<base>https?://[^\s?#]+?)/)?(?P<type>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?\Z"
)
IN_JSON = re.compile(rb'"reference":"((?:[^"\\]|\\.)*)"')


def resolve(reference: str) -> tuple[str, str] | None:
    """Type and id of a literal reference, relative or absolute; None for urn:, contained (#) and anything else.

    >>> resolve("Encounter/9/_history/2")
    ('Encounter', '9')
    """
    found = LITERAL.match(reference)
    return (found["type"], found["id"]) if found else None


def base_of(reference: str) -> str:
    """The server part of an absolute reference, "" for a relative one."""
    found = LITERAL.match(reference)
    return (found["base"] or "") if found else ""


def references_in(json: bytes) -> list[str]:
    """Every reference in a resource's compact text, in the order of the text."""
    return [raw.decode(errors="replace") for raw in IN_JSON.findall(json)]
