"""Surnames that can be compared: of an account's one line of name, and of a patient's own field."""

from __future__ import annotations

import unicodedata

TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "md", "phd", "rn", "do", "np", "pa", "jr", "sr", "ii", "iii"})


def plain(name: str) -> str:
    """Without case, accents and signs; letters of every script stay."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter if letter.isalnum() else " " for letter in apart if not unicodedata.combining(letter))
    return " ".join(letters.split())


def full_name(name: str) -> str:
    """The whole name without titles, its words in order of the alphabet: "Chen, Lin" is "Dr. Lin Chen"."""
    return " ".join(sorted(word for word in plain(name).split() if word not in TITLES))


def surname_of(name: str) -> str:
    """The last word of a name that is no title. "" where there is only one word."""
    words = [word for word in plain(name).split() if word not in TITLES]
    return words[-1] if len(words) > 1 else ""


def family_name(name: str) -> str:
    """A patient's family name as one that can be compared: its last word, as in accounts' names."""
    words = plain(name).split()
    return words[-1] if words else ""
