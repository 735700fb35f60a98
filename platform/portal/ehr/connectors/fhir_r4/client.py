"""One FHIR server over HTTP: signed in, retried within bounds, its answers read or refused as a whole."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from foundation.clock import now
from foundation.logs import get_logger
from foundation.outbound import OutboundClient, OutboundError, Reply
from portal.ehr.connectors.fhir_r4.auth import SignIn, sign_in_for
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.payload import decode
from portal.ehr.registry import Access

log = get_logger(__name__)
ATTEMPTS = 4
FIRST_WAIT = 0.4
LONGEST_WAIT = 30.0
TRANSIENT = frozenset({Fault.CONNECT, Fault.SLOW, Fault.BROKEN, Fault.BUSY, Fault.SERVER, Fault.GARBAGE})
ONCE_MORE = frozenset({Fault.GARBAGE, Fault.SLOW})
ACCEPT = "application/fhir+json, application/json;q=0.9"
BY_STATUS = {401: Fault.SIGN_IN, 403: Fault.FORBIDDEN, 404: Fault.NOT_FOUND, 410: Fault.NOT_FOUND, 429: Fault.BUSY}


@dataclass(frozen=True, slots=True)
class Answer:
    """A resource that the server answered with, and the server's clock."""

    body: dict[str, Any]
    as_of: str
    url: str


class FhirClient:
    """GET and nothing else. Thread-safe."""

    def __init__(self, access: Access, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.base = access.base_url.rstrip("/")
        self.http = OutboundClient(
            allow_networks=access.allow_networks,
            total_seconds=float(access.settings.get("seconds", 60)),
            max_bytes=int(access.settings.get("max_bytes", 48 * 1024 * 1024)),
        )
        self.sign_in: SignIn = sign_in_for(self.http, access)
        self.requests = 0
        self._sleep = sleep

    def close(self) -> None:
        self.http.close()

    @property
    def origin(self) -> str:
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    def get(self, target: str, params: Sequence[tuple[str, str]] = (), *, attempts: int = ATTEMPTS) -> Answer:
        """The resource at a path below the base, or at a whole URL of the same origin."""
        url = target if "://" in target else f"{self.base}/{target}"
        for attempt in range(1, attempts + 1):
            try:
                reply = self.raw(url, params, {"Accept": ACCEPT, "Prefer": "handling=strict"})
                return self._read(reply)
            except ConnectorError as error:
                last = attempt == attempts or (error.fault in ONCE_MORE and attempt > 1)
                if error.permanent or error.fault not in TRANSIENT or last:
                    raise
                wait = _wait(attempt, error)
                log.info("ehr.retry", attempt=attempt, code=error.fault.value, status=error.status, wait=round(wait, 1))
                self._sleep(wait)
        raise AssertionError("unreachable")

    def raw(self, url: str, params: Sequence[tuple[str, str]], headers: dict[str, str], **limits: Any) -> Reply:
        """One request, signed in; signs in anew once where the server no longer accepts the token."""
        for again in (True, False):
            try:
                sent = {**headers, **self.sign_in.header()}
                self.requests += 1
                reply = self.http.request("GET", url, params=params, headers=sent, **limits)
            except OutboundError as error:
                raise ConnectorError(Fault(error.cause), str(error), permanent=error.permanent) from error
            if reply.status == 401 and again and self.sign_in.renew():
                continue
            break
        if reply.status != 200:
            raise _refusal(reply)
        return reply

    def _read(self, reply: Reply) -> Answer:
        kind = reply.headers.get("content-type", "").lower()
        if "html" in kind or reply.body[:64].lstrip()[:1] == b"<":
            raise ConnectorError(Fault.GARBAGE, "The answer is HTML or XML, not JSON.")
        body = decode(reply.body)
        if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
            raise ConnectorError(Fault.GARBAGE, "The answer is JSON, but no FHIR resource.")
        return Answer(body, server_time(body, reply), reply.url)


def server_time(body: dict[str, Any], reply: Reply) -> str:
    """The server's own clock when it answered, as an instant in UTC; "" where it does not say."""
    meta = body.get("meta")
    said = meta.get("lastUpdated") if isinstance(meta, dict) and body.get("resourceType") == "Bundle" else None
    try:
        if isinstance(said, str) and "T" in said:
            return instant(datetime.fromisoformat(said))
        return instant(parsedate_to_datetime(reply.headers["date"]))
    except (ValueError, KeyError, TypeError):
        return ""


def instant(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _refusal(reply: Reply) -> ConnectorError:
    status = reply.status
    fault = BY_STATUS.get(status, Fault.SERVER if status >= 500 and status != 501 else Fault.REFUSED)
    if status == 408:
        fault = Fault.SLOW
    error = ConnectorError(fault, _diagnostics(reply), permanent=fault not in TRANSIENT, status=status)
    error.retry_after = _retry_after(reply)
    return error


def _diagnostics(reply: Reply) -> str:
    """The code of the first issue: its text may hold health data and is not kept."""
    try:
        body = decode(reply.body[:65_536])
        return f"{reply.status} {str(body['issue'][0].get('code', ''))[:40]}"
    except (ConnectorError, KeyError, IndexError, TypeError, AttributeError):
        return str(reply.status)


def _retry_after(reply: Reply) -> float:
    """Seconds that the server asks us to wait (RFC 9110, 10.2.3); 0 where it does not."""
    said = reply.headers.get("retry-after", "")
    if said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - now()).total_seconds()) if said else 0.0
    except (ValueError, TypeError):
        return 0.0


def _wait(attempt: int, error: ConnectorError) -> float:
    """Doubling, with jitter, never shorter than the server asks. Raises where it asks for longer than we wait."""
    if error.retry_after > LONGEST_WAIT:
        raise error
    doubled = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1))
    return max(error.retry_after, doubled * random.uniform(0.5, 1.0))  # noqa: S311  (spreads load, guards nothing)
