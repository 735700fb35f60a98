"""Signing in as a SMART backend service: discovery, assertion, token cache, one new try."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from portal.ehr.connectors.fhir_r4.auth import forget_tokens, load_key
from portal.ehr.errors import ConnectorError
from portal.ehr.values import PatientKey
from tests.portal.ehr.charts import patient, result
from tests.portal.ehr.fake import Ask, Fake, Say, bundle, faking, outcome, statement

ALICE = PatientKey("alice")
EC = ECKey.generate_key("P-384", private=True)
RSA = RSAKey.generate_key(2048, private=True)
PEM = {"ES384": EC.as_pem(private=True).decode(), "RS384": RSA.as_pem(private=True).decode()}


class TokenServer:
    """Gives "t1", "t2", ...; accepts the last one only."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self.given = 0
        self.expires = 300
        self.refusal: Say | None = None
        self.assertions: list[tuple[dict[str, Any], dict[str, Any]]] = []
        fake.answers[".well-known/smart-configuration"] = lambda ask: Say({"token_endpoint": f"{fake.root}/auth/token"})
        fake.answers["auth/token"] = self.token
        fake.answers["Observation"] = lambda ask: self.guarded(ask, bundle(result("r1")))
        fake.answers["Patient"] = lambda ask: self.guarded(ask, bundle(patient()))

    def token(self, ask: Ask) -> Say:
        if self.refusal:
            return self.refusal
        head = ask.form["client_assertion"].split(".")[0]
        algorithm = json.loads(base64.urlsafe_b64decode(head + "=="))["alg"]
        key = EC if algorithm == "ES384" else RSA
        opened = jwt.decode(ask.form["client_assertion"], key, algorithms=[algorithm])
        self.assertions.append((dict(opened.header), dict(opened.claims)))
        self.given += 1
        return Say({"access_token": f"t{self.given}", "token_type": "bearer", "expires_in": self.expires})

    def guarded(self, ask: Ask, page: dict[str, Any]) -> Say:
        good = ask.headers.get("authorization") == f"Bearer t{self.given}"
        return Say(page) if good else Say(outcome("login"), 401)


@pytest.fixture
def fake() -> Iterator[Fake]:
    forget_tokens()
    with faking() as made:
        yield made
    forget_tokens()


@pytest.fixture
def tokens(fake: Fake) -> TokenServer:
    return TokenServer(fake)


def smart(fake: Fake, alg: str = "ES384", **more: Any) -> Any:
    return fake.connector(PEM[alg], auth="smart", client_id="portico", alg=alg, **more)


@pytest.mark.parametrize("alg", ["ES384", "RS384"])
def test_the_assertion_says_what_the_standard_asks_for(fake: Fake, tokens: TokenServer, alg: str) -> None:
    assert smart(fake, alg).changes_since(ALICE, "Observation").complete
    header, claims = tokens.assertions[0]
    assert (header["alg"], header["typ"], bool(header["kid"])) == (alg, "JWT", True)
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("portico", "portico", f"{fake.root}/auth/token")
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert claims["jti"]


def test_one_token_serves_many_requests_and_connectors(fake: Fake, tokens: TokenServer) -> None:
    for _connector in range(3):
        assert smart(fake).changes_since(ALICE, "Observation").complete
    assert tokens.given == 1


def test_a_token_is_renewed_before_it_ends(fake: Fake, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1000.0]
    monkeypatch.setattr("portal.ehr.connectors.fhir_r4.auth.time.monotonic", lambda: moment[0])
    connector = smart(fake)
    connector.client.sign_in.header()
    moment[0] += 239
    connector.client.sign_in.header()
    assert tokens.given == 1
    moment[0] += 2
    connector.client.sign_in.header()
    assert tokens.given == 2
    assert tokens.assertions[0][1]["jti"] != tokens.assertions[1][1]["jti"]


def test_a_token_that_is_no_longer_accepted_is_renewed_once(fake: Fake, tokens: TokenServer) -> None:
    connector = smart(fake)
    connector.client.sign_in.header()
    tokens.given += 1
    assert connector.changes_since(ALICE, "Observation").complete
    fake.answers["Observation"] = lambda ask: Say(outcome("login"), 401)
    before = tokens.given
    with pytest.raises(ConnectorError) as caught:
        smart(fake).changes_since(ALICE, "Observation")
    assert (caught.value.fault.value, tokens.given) == ("sign_in", before + 1)


def test_tokens_of_two_hospitals_are_kept_apart(fake: Fake, tokens: TokenServer) -> None:
    from dataclasses import replace

    from portal.ehr.connectors.fhir_r4.client import FhirClient

    access = fake.access(PEM["ES384"], auth="smart", client_id="portico", alg="ES384")
    for schema in ("mercy", "riverside"):
        FhirClient(replace(access, cache_key=f"{schema}:1")).sign_in.header()
    assert tokens.given == 2


def test_the_older_place_of_the_token_address_is_read_too(fake: Fake, tokens: TokenServer) -> None:
    fake.answers[".well-known/smart-configuration"] = lambda ask: Say(outcome(), 404)
    old = statement("Patient", "Observation")
    old["rest"][0]["security"] = {
        "extension": [{"extension": [{"url": "token", "valueUri": f"{fake.root}/auth/token"}]}]
    }
    fake.answers["metadata"] = lambda ask: Say(old)
    assert smart(fake).changes_since(ALICE, "Observation").complete


def test_the_steps_of_the_check_name_discovery_and_token(fake: Fake, tokens: TokenServer) -> None:
    assert [f.step for f in smart(fake).check() if f.passed] == [
        "address",
        "discovery",
        "token",
        "capability",
        "patients",
    ]
    tokens.refusal = Say({"error": "invalid_client", "error_description": "unknown client"}, 401)
    last = list(smart(fake).check())[-1]
    assert (last.step, last.fault) == ("token", "token")
    assert "unknown client" in last.detail
    fake.answers[".well-known/smart-configuration"] = lambda ask: Say(outcome(), 404)
    last = list(smart(fake).check())[-1]
    assert (last.step, last.fault) == ("discovery", "discovery")


def test_another_scope_is_tried_where_the_first_is_not_known(fake: Fake, tokens: TokenServer) -> None:
    asked: list[str] = []

    def choosy(ask: Ask) -> Say:
        asked.append(ask.form["scope"])
        return tokens.token(ask) if ask.form["scope"] == "system/*.rs" else Say({"error": "invalid_scope"}, 400)

    fake.answers["auth/token"] = choosy
    assert smart(fake).changes_since(ALICE, "Observation").complete
    assert asked == ["system/*.read", "system/*.rs"]


@pytest.mark.parametrize(
    ("text", "alg"),
    [("", "ES384"), ("no key", "ES384"), (PEM["RS384"], "ES384"), (PEM["ES384"], "RS384"), ("{}", "ES384"),
     (EC.as_pem(private=False).decode(), "ES384"),
     (ECKey.generate_key("P-256", private=True).as_pem(private=True).decode(), "ES384")],
)  # fmt: skip
def test_a_key_that_does_not_fit_says_so(text: str, alg: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        load_key(text, alg)
    assert (caught.value.fault.value, caught.value.permanent) == ("key", True)


def test_a_key_may_come_as_jwk(fake: Fake, tokens: TokenServer) -> None:
    text = json.dumps({**EC.as_dict(private=True), "kid": "mine"})
    connector = fake.connector(text, auth="smart", client_id="portico", alg="ES384")
    assert connector.changes_since(ALICE, "Observation").complete
    assert tokens.assertions[0][0]["kid"] == "mine"


def test_a_fixed_token_is_sent_as_it_is(fake: Fake) -> None:
    fake.answers["Observation"] = lambda ask: Say(bundle())
    fake.connector("s3cret", auth="bearer").changes_since(ALICE, "Observation")
    assert fake.paths("Observation")[0].headers["authorization"] == "Bearer s3cret"
