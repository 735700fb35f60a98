"""The demo's addresses and who can sign in there, from `var/demo.json`."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from .environment import Places, places
from .errors import CannotRun
from .progress import show

STEP = 30  # seconds that a code is good for, RFC 6238


def run() -> int:
    where = places()
    if not where.sign_ins.exists():
        raise CannotRun("There are no sign-ins yet: make demo makes them.")
    tell(where)
    return 0


def tell(where: Places) -> None:
    """One block for each address. The code is of this moment; an authenticator app takes the secret."""
    demo = json.loads(where.sign_ins.read_text())
    for site in (*demo["hospitals"], demo["vendor"]):
        show()
        show(f"{site.get('name', 'The vendor')}: {site['url']}")
        for person in site["people"]:
            show(_line(person))


def _line(person: dict[str, Any]) -> str:
    secret = person.get("totp_secret")
    second = f"code {code(secret, time.time())} (secret {secret})" if secret else "sets up a second step first"
    return f"  {person['role']:<10} {person['username']:<18} password {person['password']}  {second}"


def code(secret: str, at: float) -> str:
    """The six digits of RFC 6238 with SHA-1."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    digest = hmac.new(key, int(at // STEP).to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"
