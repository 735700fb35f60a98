"""Who signs in to the demo, and with what: made up once for an installation, kept in var/demo.json and nowhere else."""

import json
import os
import secrets
from base64 import b32encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for one another


@dataclass(frozen=True, slots=True)
class Part:
    """A person of the demo before they have a password. `patient_id` is the FHIR id of the record they open."""

    role: str
    name: str
    username: str
    patient_id: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Credentials:
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    role: str
    name: str
    username: str
    password: str
    totp_secret: str
    patient_id: str | None


CASTS: dict[str, tuple[Part, ...]] = {
    "mercy": (
        Part("patient", "Alice Moreno", "alice", "p1001"),
        Part("patient", "Grace Kim", "grace", "p1002"),
        Part("clinician", "Dr. Lin Chen", "chen"),
        Part("admin", "Ada Whitman", "ada"),
        Part("privacy_officer", "Priya Nair", "priya"),
    ),
    "riverside": (
        Part("patient", "Eve Lindqvist", "eve", "p1001"),
        Part("patient", "Omar Haddad", "omar", "p1002", "ar"),
        Part("clinician", "Dr. Priya Raman", "raman"),
        Part("admin", "Luis Ortega", "luis", None, "es"),
        Part("privacy_officer", "Nora Feldt", "nora"),
    ),
}
VENDOR: tuple[Part, ...] = (Part("operator", "Victor Hale", "victor"),)


def fresh_credentials() -> Credentials:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return Credentials("-".join(groups), b32encode(secrets.token_bytes(20)).decode())


class DemoFile:
    """var/demo.json: read for what was made up before, written whole and private."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = self._read()

    def _read(self) -> dict[tuple[str, str], Credentials]:
        """Credentials by place (a hospital's slug, or "" for the vendor) and username."""
        try:
            told = json.loads(self.path.read_text())
            places = [*((site["slug"], site["people"]) for site in told["hospitals"]), ("", told["vendor"]["people"])]
            return {
                (slug, person["username"]): Credentials(person["password"], person["totp_secret"])
                for slug, people in places
                for person in people
            }
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def knows(self, place: str, part: Part) -> bool:
        return (place, part.username) in self._known

    def person(self, place: str, part: Part) -> DemoPerson:
        """The person with their credentials, the same ones at each call."""
        known = self._known.setdefault((place, part.username), fresh_credentials())
        return DemoPerson(part.role, part.name, part.username, known.password, known.totp_secret, part.patient_id)

    def write(self, hospitals: list[dict[str, Any]], vendor_url: str) -> None:
        """`hospitals` without their people, which are added here."""
        told = {
            "hospitals": [
                {**site, "people": [asdict(self.person(site["slug"], part)) for part in CASTS[site["slug"]]]}
                for site in hospitals
            ],
            "vendor": {"url": vendor_url, "people": [asdict(self.person("", part)) for part in VENDOR]},
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(told, out, indent=2, ensure_ascii=False)
            out.write("\n")
        fresh.replace(self.path)
