"""A secret opens where it was sealed, and nowhere else; the keys behind it are made once and found again."""

from __future__ import annotations

import gzip
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from foundation import clock
from foundation.audit.models import AuditEvent
from foundation.crypto import Sealed, datakeys, fingerprint, fingerprints, legacy, seal, unseal
from foundation.crypto.cache import Place, Unwrapped, unwrapped
from foundation.crypto.errors import KeysAway
from foundation.crypto.keyfile import KeyFiles
from foundation.crypto.models import DataKey, RootKey
from foundation.crypto.port import KeyStoreError
from foundation.tenancy import HospitalRecord, inside, inside_public, stand
from portal.ehr.models import Connection

HERE = {"table": "t", "column": "c", "row": "1"}


def test_a_secret_comes_back_whole(in_mercy: HospitalRecord) -> None:
    text = seal("токен", **HERE)
    assert text.startswith("v2.1.")
    assert "токен" not in text
    assert unseal(text, **HERE).decode() == "токен"


def test_a_column_that_nobody_registered_cannot_be_sealed(in_mercy: HospitalRecord) -> None:
    with pytest.raises(LookupError, match="not registered"):
        seal("secret", table="t", column="unknown")


@pytest.mark.security("S58")
@pytest.mark.parametrize("place", [{"table": "u"}, {"column": "d"}, {"row": "2"}])
def test_a_secret_copied_to_another_place_stays_shut(in_mercy: HospitalRecord, place: dict[str, str]) -> None:
    text = seal("secret", **HERE)
    seal("another", **{**HERE, **place})  # that place has a key as well
    with pytest.raises(Sealed):
        unseal(text, **{**HERE, **place})


@pytest.mark.security("S58")
def test_a_secret_copied_to_another_hospital_stays_shut(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        text = seal("secret", **HERE)
        mine = fingerprint("code", purpose="p")
    with inside(riverside):
        seal("another", **HERE)
        with pytest.raises(Sealed):
            unseal(text, **HERE)
        assert fingerprint("code", purpose="p") != mine


@pytest.mark.security("S58")
def test_a_secret_copied_with_its_wrapped_key_to_another_hospital_stays_shut(
    mercy: HospitalRecord, riverside: HospitalRecord
) -> None:
    with inside(mercy):
        text = seal("secret", **HERE)
        row = DataKey.objects.values("table_name", "column_name", "version", "key_id", "wrapped", "state").get()
    with inside(riverside):
        DataKey.objects.create(**row)
        with pytest.raises(Sealed):
            unseal(text, **HERE)


@pytest.mark.security("S58")
def test_a_dump_of_the_hospital_holds_no_secret_and_no_key(lasting_database: None, key_folder: Path) -> None:
    from tenants.actions import dump
    from tests.conftest import _hospital

    mercy = _hospital("mercy")
    canary = f"CANARYSECRET{secrets.token_hex(8)}"
    with inside(mercy):
        connected = Connection(base_url="memory://dump")
        connected.seal(canary)
        connected.save()
        plain = datakeys.current("ehr_connection", "secret").key
    try:
        with inside_public():
            text = gzip.decompress(dump(mercy, clock.now()).read_bytes())
        assert connected.secret.encode() in text
        assert canary.encode() not in text
        assert plain.hex().encode() not in text
        held = [key for file in key_folder.glob("*.key") for key in json.loads(file.read_text())["versions"]]
        assert held
        assert not [key for key in held if key.encode() in text]
    finally:
        with inside(mercy):
            connected.delete()
        forget_keys(mercy)


def forget_keys(where: HospitalRecord) -> None:
    """Takes the keys of a lasting test away again: their store goes with the test."""
    from foundation.database import as_owner

    with inside(where), as_owner():
        DataKey.objects.all().delete()
        RootKey.objects.all().delete()


@pytest.mark.parametrize(
    "text", ["", "v1.", "v1.!!!!", "v9.AAAA", "v1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
             "v2.", "v2.1", "v2.1.", "v2.x.AAAA", "v2.-1.AAAA", "v2.99999999999999.AA", "v2.2.AAAA", "v2.\u0661.AAAA"],
)  # fmt: skip
def test_garbage_is_refused_with_a_sentence(in_mercy: HospitalRecord, text: str) -> None:
    with pytest.raises(Sealed, match=r"does not open here|not known here"):
        unseal(text, **HERE)


def test_each_column_has_a_data_key_of_its_own_and_the_hospital_one_key(in_mercy: HospitalRecord) -> None:
    for column in ("c", "c", "d"):
        seal("secret", table="t", column=column)
    fingerprint("code", purpose="p")
    assert RootKey.objects.count() == 1
    keys = DataKey.objects.order_by("id").values_list("table_name", "column_name", "version", "state")
    assert list(keys) == [("t", "c", 1, "current"), ("t", "d", 1, "current"), ("fingerprint", "hmac", 1, "current")]
    made = AuditEvent.objects.filter(kind="keys.made", target_id=RootKey.objects.get().key_id)
    assert [event.actor_name for event in made] == ["keys"]


def test_the_vendors_own_secrets_have_a_key_of_their_own(in_mercy: HospitalRecord) -> None:
    text = seal("secret", **HERE)
    with inside_public():
        theirs = seal("secret", **HERE)
        assert unseal(theirs, **HERE) == b"secret"
        with pytest.raises(Sealed):
            unseal(text, **HERE)


def test_keys_of_a_transaction_that_was_rolled_back_are_not_used_again(
    in_mercy: HospitalRecord, key_folder: Path
) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        lost = seal("secret", **HERE)
        raise ZeroDivisionError
    with pytest.raises(Sealed):
        unseal(lost, **HERE)
    assert unseal(seal("secret", **HERE), **HERE) == b"secret"
    assert len(KeyFiles(str(key_folder)).known()) == 1  # and none was left behind


def test_many_first_secrets_at_once_make_one_key(lasting_database: None, key_folder: Path) -> None:
    from tests.conftest import _hospital

    mercy = _hospital("mercy")

    def first(number: int) -> str:
        stand(None)
        try:
            with inside(mercy):
                return seal(str(number), **HERE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(first, range(16)))
    try:
        with inside(mercy):
            assert [unseal(text, **HERE).decode() for text in texts] == [str(number) for number in range(16)]
            assert DataKey.objects.count() == RootKey.objects.count() == 1
        assert len(KeyFiles(str(key_folder)).known()) == 1
    finally:
        forget_keys(mercy)


# The form before each hospital had a key of its own.


def in_old_form(value: str, *, table: str, column: str, row: str = "") -> str:
    import base64
    import os

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from foundation.crypto.sealing import _bound

    nonce = os.urandom(12)
    box = AESGCM(legacy.key()).encrypt(nonce, value.encode(), _bound(table, column, row))
    return f"v1.{base64.urlsafe_b64encode(nonce + box).decode()}"


def test_the_old_form_opens_as_long_as_its_master_key_is_given(in_mercy: HospitalRecord, settings: Any) -> None:
    text = in_old_form("secret", **HERE)
    assert unseal(text, **HERE) == b"secret"
    with pytest.raises(Sealed):
        unseal(text, **{**HERE, "row": "2"})
    settings.PORTICO_MASTER_KEY = ""
    with pytest.raises(Sealed, match="PORTICO_MASTER_KEY is not given"):
        unseal(text, **HERE)


def test_fingerprints_of_the_old_form_are_looked_up_as_long_as_it_is_given(
    in_mercy: HospitalRecord, settings: Any
) -> None:
    both = fingerprints("code", purpose="p")
    assert both == (fingerprint("code", purpose="p"), legacy.fingerprint("code", purpose="p"))
    settings.PORTICO_MASTER_KEY = ""
    assert fingerprints("code", purpose="p") == both[:1]


# The key store is away (R22).


def test_a_key_that_was_just_used_goes_on_working_while_the_store_is_away(
    in_mercy: HospitalRecord, key_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticking = Ticking()
    monkeypatch.setattr("foundation.crypto.datakeys.unwrapped", Unwrapped(tick=ticking))
    text = seal("secret", **HERE)
    key_folder.rename(key_folder.with_name("away"))
    ticking.now += 299
    assert unseal(text, **HERE) == b"secret"
    assert unseal(seal("more", **HERE), **HERE) == b"more"
    ticking.now += 2
    with pytest.raises(KeysAway) as refused:
        unseal(text, **HERE)
    assert refused.value.status == 503
    with pytest.raises(KeysAway):
        seal("more", **HERE)
    key_folder.with_name("away").rename(key_folder)
    assert unseal(text, **HERE) == b"secret"


class Ticking:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.security("S9")
def test_unwrapped_keys_are_kept_by_hospital(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    with inside(mercy):
        mine = seal("secret", **HERE)
    with inside(riverside):
        theirs = seal("secret", **HERE)
    places = list(unwrapped._kept)
    assert {place.schema for place in places} == {"h_mercy", "h_riverside"}
    unwrapped.forget("h_mercy")
    assert {place.schema for place in unwrapped._kept} == {"h_riverside"}
    for where, text in ((mercy, mine), (riverside, theirs)):
        with inside(where):
            assert unseal(text, **HERE) == b"secret"


def test_the_store_of_unwrapped_keys_is_bounded_and_drops_what_was_on_its_way() -> None:
    kept = Unwrapped(most=3, tick=lambda: 0.0)
    place = [Place("h_mercy", "t", "c", number, b"") for number in range(5)]
    for one in place:
        kept.get(one, seconds=10, unwrap=lambda: b"key")
    assert list(kept._kept) == place[2:]

    def while_it_is_destroyed() -> bytes:
        kept.forget("h_mercy")
        return b"key"

    assert kept.get(place[0], seconds=10, unwrap=while_it_is_destroyed) == b"key"
    assert not kept._kept


def test_a_store_that_refuses_for_good_leaves_a_code_in_the_log_and_no_key(
    in_mercy: HospitalRecord, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    text = seal("secret", **HERE)
    key = datakeys.current("t", "c").key

    def refuse(*_: object) -> bytes:
        raise KeyStoreError("destroyed", key.hex(), permanent=True)

    unwrapped.forget_all()
    monkeypatch.setattr(KeyFiles, "unwrap", refuse)
    with pytest.raises(Sealed):
        unseal(text, **HERE)
    assert "'code': 'destroyed'" in caplog.text
    assert key.hex() not in caplog.text
