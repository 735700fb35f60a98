"""JSON that attacks its reader: deep, long, huge, doubled, halved. Read or refused, in bounded time and memory."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from portal.ehr.errors import ConnectorError
from portal.ehr.payload import decode, receive
from tests.limits import within

READ = """
import json
from portal.ehr.errors import ConnectorError
from portal.ehr.payload import decode, receive
from portal.records.display.values import quantity, readable
from portal.records.projection import Resource, project
from tests.portal.records.test_projection_values import FRAME, SOURCE

def observation(value):
    return (b'{"resourceType":"Observation","id":"x","status":"final","code":{"text":"a"},"valueQuantity":{"value":'
            + value + b',"unit":"mg"},"referenceRange":[{"low":{"value":' + value + b'}}]}')

def text(value):
    return b'{"resourceType":"Observation","id":"x","code":{"text":"' + value + b'"}}'

CASES = {
    "open lists": b"[" * 300_000,
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep resource": b'{"resourceType":"Observation","id":"x","a":' + b"[" * 900 + b"]" * 900 + b"}",
    "a whole number of five million digits": observation(b"9" * 5_000_000),
    "a decimal of a million digits": observation(b"0." + b"1" * 1_000_000),
    "a huge exponent": observation(b"1e999999999"),
    "a tiny exponent": observation(b"-1e-999999999"),
    "an exponent beyond decimals": observation(b"1e99999999999999999999"),
    "no number": observation(b"NaN"),
    "endless": observation(b"-Infinity"),
    "many keys": b'{"resourceType":"Observation","id":"x",' + b",".join(b'"k%d":1' % n for n in range(300_000)) + b"}",
    "keys of one hash": b'{"resourceType":"Observation","id":"x",'
        + b",".join(b'"%d":1' % (n * (2**61 - 1)) for n in range(100_000)) + b"}",
    "a long text": text(b"a" * 20_000_000),
    "a long text of backslashes": text(b"\\\\\\\\" * 3_000_000 + b"\\\\u0000"),
    "half a character": text(b"a\\\\ud83d b"),
    "bytes of half a character": text(b"\\xed\\xa0\\xbd"),
    "another charset": text("\\u00e9".encode("latin-1")),
    "two values": b"{} {}",
    "a comment": b"/* */ {}",
    "nothing": b"",
    "utf-16": '{"resourceType":"Observation"}'.encode("utf-16"),
}
said = {}
for name, given in CASES.items():
    try:
        received = receive(decode(given))
    except ConnectorError as error:
        said[name] = "refused"
        continue
    if received is None:
        said[name] = "no resource"
        continue
    received.json.decode()
    made = project(Resource(SOURCE, received.type, "x", received.body), FRAME)
    for row in made.rows:
        shown = quantity(row.value_text[:200], "mg") + readable(row.value_text[:200])
        assert len(shown) < 5000, (name, len(shown))
    said[name] = "read"
print(json.dumps(said))
"""
REFUSED = {
    "open lists", "deep lists", "deep objects", "a whole number of five million digits", "an exponent beyond decimals",
    "no number", "endless", "two values", "a comment", "nothing", "utf-16",
}  # fmt: skip


@pytest.mark.security("S73")
def test_hostile_json_is_read_or_refused_in_bounded_time_and_memory() -> None:
    done = within(READ)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert {name for name, how in said.items() if how == "refused"} == REFUSED
    assert {name for name, how in said.items() if how == "read"} == set(said) - REFUSED


@pytest.mark.security("S73")
def test_of_a_key_that_stands_twice_one_value_counts_everywhere() -> None:
    """The last one, as in the mirror's jsonb: what was checked is what is stored."""
    found = receive(decode(b'{"resourceType":"Observation","id":"a","status":"final","id":"b"}'))
    assert found is not None
    assert found.fhir_id == "b"
    assert found.json.count(b'"id"') == 1


@pytest.mark.security("S73")
def test_half_a_character_costs_that_character_and_no_digit() -> None:
    value = decode(b'{"a":"x\\ud83d y","b":5.40,"\\udc00":[1e2]}')
    assert value == {"a": "x\ufffd y", "b": Decimal("5.40"), "\ufffd": [Decimal("1E+2")]}
    assert str(value["b"]) == "5.40"


@pytest.mark.security("S73")
@pytest.mark.parametrize(
    "kind",
    ["", "os.system", "../Patient", "Patient/1", "P" * 5000, "Patient\n", "__class__", "Обсервация", 7, None, []],
)
def test_a_kind_that_is_no_resources_is_nothing(kind: object) -> None:
    assert receive({"resourceType": kind, "id": "x"}) is None


BEGIN = "-----BEGIN " + "PRIVATE KEY-----"


@pytest.mark.security("S73")
@pytest.mark.parametrize(
    "key",
    [
        "", "{}", "{", '{"keys":[]}', '{"kty":"oct","k":"AAAA"}', '{"kty":"RSA","n":"AQAB","e":"AQAB"}',
        f"{BEGIN}\nAAAA\n-----END PRIVATE KEY-----", BEGIN + "A" * 200_000,
        "file:///etc/passwd", "/etc/passwd", "[" * 50_000, "{" * 50_000, "\x00" * 100, "💥" * 100,
        '{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_key_that_is_none_is_refused_without_its_text(key: str, algorithm: str) -> None:
    from portal.ehr.connectors.fhir_r4.auth import load_key

    with pytest.raises(ConnectorError) as refused:
        load_key(key, algorithm)
    assert key[:20] == "" or key[:20] not in str(refused.value)
