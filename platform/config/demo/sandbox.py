"""The sandbox EHR: `sekmet-fhir` behind SMART Backend Services, one FHIR server a hospital, on 127.0.0.1 alone.

A hospital's EHR keeps everything in one folder: its database, the portal's private key and a signing secret. The static
token for tools is an access token of the server's own making that reads everything, writes nothing and lasts ten years.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

CLIENT_ID = "portico-portal"
_READER = "portico-tools"
_TEN_YEARS = 10 * 365 * 24 * 3600
SLUGS = ("mercy", "riverside")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One hospital's sandbox EHR. `seeded_on` is the day that the chart's dates are counted from."""

    slug: str
    folder: Path
    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    @property
    def key_file(self) -> Path:
        """The portal's private key, in PEM."""
        return self.folder / "portal_key.pem"

    @property
    def database(self) -> Path:
        return self.folder / "ehr.sqlite3"

    @property
    def seeded_on(self) -> date | None:
        mark = self.folder / "seeded_on"
        return date.fromisoformat(mark.read_text()) if mark.exists() else None

    def token(self) -> str:
        """The static read bearer. It holds for this port only, as the server's address is its audience."""
        issued = int(datetime.combine(date(2026, 1, 1), time(), UTC).timestamp())
        claims = {
            "iss": self.base_url.removesuffix("/fhir"), "aud": self.base_url, "sub": _READER, "client_id": _READER,
            "scope": "system/*.read", "iat": issued, "exp": issued + _TEN_YEARS,
        }  # fmt: skip
        key = OctKey.import_key(kept(self.folder / "signing_secret", lambda: secrets.token_urlsafe(48)))
        return jwt.encode({"alg": "HS256"}, claims, key)

    def prepare(self) -> None:
        """Makes the folder and the keys, if they are not there yet."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept(self.folder / "signing_secret", lambda: secrets.token_urlsafe(48))
        kept(self.key_file, lambda: ECKey.generate_key("P-384").as_pem(private=True).decode())


def kept(file: Path, fresh: Callable[[], str]) -> str:
    """The text of a private file, made by `fresh` at the first call. Two processes at once agree on one."""
    if not file.exists():
        own = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(fresh())
        try:
            os.link(own, file)
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return file.read_text()


def var_folder() -> Path:
    clone = Path(__file__).resolve().parents[3]
    return Path(os.environ.get("PORTICO_VAR") or clone / "var")


def first_port() -> int:
    """A thousand above the portal's own port, so that two clones with two PORTs do not meet."""
    given = os.environ.get("PORTICO_DEMO_EHR_PORT")
    return int(given) if given else int(os.environ.get("PORT") or 8000) + 1001


def sandbox_of(slug: str, port: int | None = None) -> Sandbox:
    place = SLUGS.index(slug)
    return Sandbox(slug, var_folder() / "ehr" / slug, port or first_port() + place)
