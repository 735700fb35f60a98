"""Signing in at the EHR: nobody, a fixed token, or SMART Backend Services (private_key_jwt, RFC 7523).

http://hl7.org/fhir/smart-app-launch/backend-services.html. Tokens are kept in the process, per schema and connection.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from foundation.outbound import OutboundClient, OutboundError
from portal.ehr.errors import ConnectorError, Fault
from portal.ehr.payload import decode
from portal.ehr.registry import Access

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 240
SCOPES = ("system/*.read", "system/*.rs")


class SignIn(Protocol):
    def header(self) -> dict[str, str]: ...

    def renew(self) -> bool:
        """Forgets what was refused. True where another try may succeed."""
        ...


class Nobody:
    def header(self) -> dict[str, str]:
        return {}

    def renew(self) -> bool:
        return False


class Bearer:
    def __init__(self, token: str) -> None:
        self._token = token

    def header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        return False


@dataclass(slots=True)
class _Token:
    text: str
    until: float


_tokens: dict[str, _Token] = {}
_locks: dict[str, threading.Lock] = {}


def forget_tokens() -> None:
    _tokens.clear()


def load_key(text: str, algorithm: str) -> ECKey | RSAKey:
    """A private key from PEM or JWK text that fits the algorithm. Raises ConnectorError(KEY)."""
    try:
        source: Any = json.loads(text) if text.lstrip().startswith("{") else text
        if isinstance(source, dict) and "keys" in source:
            source = source["keys"][0]
        key: ECKey | RSAKey = ECKey.import_key(source) if algorithm == "ES384" else RSAKey.import_key(source)
        fits = key.is_private and (not isinstance(key, ECKey) or key.curve_name == "P-384")
    except (JoseError, ValueError, TypeError, KeyError, IndexError) as error:
        raise ConnectorError(Fault.KEY, type(error).__name__, permanent=True) from None
    if not fits:
        raise ConnectorError(Fault.KEY, f"The key is not a private key for {algorithm}.", permanent=True)
    return key


class Smart:
    """A backend service that proves itself with a signed assertion and gets a short-lived token."""

    def __init__(self, http: OutboundClient, access: Access) -> None:
        self._http = http
        self._access = access
        self._client_id = str(access.settings.get("client_id", ""))
        self._algorithm: Literal["ES384", "RS384"] = "RS384" if access.settings.get("alg") == "RS384" else "ES384"
        self._cache_key = f"{access.cache_key}:{access.base_url}:{self._client_id}"
        self._lock = _locks.setdefault(self._cache_key, threading.Lock())

    def header(self) -> dict[str, str]:
        with self._lock:
            token = _tokens.get(self._cache_key)
            if token is None or token.until <= time.monotonic():
                token = _tokens[self._cache_key] = self._ask()
        return {"Authorization": f"Bearer {token.text}"}

    def renew(self) -> bool:
        _tokens.pop(self._cache_key, None)
        return True

    def token_url(self) -> str:
        """Where tokens are given: the setting, the SMART configuration, or the capability statement."""
        said = self._access.settings.get("token_url")
        if said:
            return str(said)
        base = self._access.base_url.rstrip("/")
        found = self._json(f"{base}/.well-known/smart-configuration").get("token_endpoint")
        found = found or _from_capability(self._json(f"{base}/metadata"))
        if not isinstance(found, str) or not found:
            raise ConnectorError(Fault.DISCOVERY, permanent=True)
        return found

    def _json(self, url: str) -> dict[str, Any]:
        try:
            reply = self._http.request("GET", url, headers={"Accept": "application/json, application/fhir+json"})
            value = decode(reply.body) if reply.status == 200 else {}
        except OutboundError as error:
            raise ConnectorError(Fault(error.cause), str(error), permanent=error.permanent) from error
        except ConnectorError:
            value = {}
        return value if isinstance(value, dict) else {}

    def _ask(self) -> _Token:
        url = self.token_url()
        refusal = ""
        for scope in (s for s in (self._access.settings.get("scope"), *SCOPES) if s):
            status, answer = self._post(url, str(scope))
            token = answer.get("access_token")
            if status == 200 and isinstance(token, str) and token:
                seconds = answer.get("expires_in")
                life = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 300.0
                return _Token(token, time.monotonic() + life - min(60.0, life / 5))
            refusal = f"{status} {str(answer.get('error', ''))[:60]} {str(answer.get('error_description', ''))[:160]}"
            if status >= 500 or status == 429:
                raise ConnectorError(Fault.SERVER, refusal, status=status)
            if answer.get("error") != "invalid_scope":
                break
        raise ConnectorError(Fault.TOKEN, refusal.strip(), permanent=True, status=401)

    def _post(self, url: str, scope: str) -> tuple[int, dict[str, Any]]:
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(url),
        }
        try:
            reply = self._http.request("POST", url, form=form, headers={"Accept": "application/json"}, max_bytes=65_536)
        except OutboundError as error:
            raise ConnectorError(Fault(error.cause), str(error), permanent=error.permanent) from error
        try:
            answer = decode(reply.body)
        except ConnectorError:
            answer = {}
        return reply.status, answer if isinstance(answer, dict) else {}

    def _assertion(self, url: str) -> str:
        key = load_key(self._access.secret, self._algorithm)
        now = int(time.time())
        claims = {
            "iss": self._client_id, "sub": self._client_id, "aud": url,
            "iat": now, "exp": now + LIFETIME, "jti": str(uuid.uuid4()),
        }  # fmt: skip
        kid = str(self._access.settings.get("kid") or key.kid or key.thumbprint())
        header = {"alg": self._algorithm, "typ": "JWT", "kid": kid}
        return jwt.encode(header, claims, key, algorithms=[self._algorithm])


def _from_capability(statement: dict[str, Any]) -> str:
    """The token address in the older oauth-uris extension."""
    for rest in statement.get("rest") or []:
        for outer in (rest.get("security") or {}).get("extension") or []:
            for inner in outer.get("extension") or []:
                if inner.get("url") == "token":
                    return str(inner.get("valueUri") or inner.get("valueUrl") or "")
    return ""


def sign_in_for(http: OutboundClient, access: Access) -> SignIn:
    match access.settings.get("auth", "none"):
        case "bearer":
            return Bearer(access.secret)
        case "smart":
            return Smart(http, access)
        case _:
            return Nobody()
