"""What every key store does: one suite over key files and AWS KMS (moto stands in for it)."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from foundation.crypto.keyfile import KeyFiles
from foundation.crypto.kms import AwsKms
from foundation.crypto.place import kind_and_place
from foundation.crypto.port import Context, KeyState, KeyStore, KeyStoreError

MERCY = Context("h_mercy", "accounts_authenticatorapp", "sealed_seed")


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture(params=["file", "aws-kms"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> KeyStore:
    if request.param == "file":
        return KeyFiles(str(tmp_path / "store"), installation="portico.example")
    request.getfixturevalue("amazon")
    return AwsKms("us-east-1", installation="portico.example")


def refusal(call: Callable[..., object], *args: Any) -> KeyStoreError:
    with pytest.raises(KeyStoreError) as caught:
        call(*args)
    return caught.value


def test_a_data_key_comes_wrapped_and_opens_again(store: KeyStore) -> None:
    key_id = store.create("h_mercy-1", hospital="h_mercy")
    made = store.data_key(key_id, MERCY)
    assert len(made.plaintext) == 32
    assert made.plaintext not in made.wrapped
    assert store.unwrap(key_id, made.wrapped, MERCY) == made.plaintext
    assert store.data_key(key_id, MERCY).plaintext != made.plaintext


@pytest.mark.security("S58")
@pytest.mark.parametrize(
    "wrong",
    [
        Context("h_riverside", MERCY.table, MERCY.column),
        Context(MERCY.hospital, "ehr_connection", MERCY.column),
        Context(MERCY.hospital, MERCY.table, "secret"),
    ],
)
def test_a_wrapped_key_opens_in_its_own_context_alone(store: KeyStore, wrong: Context) -> None:
    key_id = store.create("h_mercy-1", hospital="h_mercy")
    wrapped = store.data_key(key_id, MERCY).wrapped
    assert refusal(store.unwrap, key_id, wrapped, wrong).permanent
    assert refusal(store.rewrap, key_id, wrapped, wrong).permanent


@pytest.mark.security("S58")
def test_a_wrapped_key_does_not_open_with_another_hospitals_key(store: KeyStore) -> None:
    mine, theirs = store.create("h_mercy-1", hospital="h_mercy"), store.create("h_river-1", hospital="h_river")
    assert mine != theirs
    assert refusal(store.unwrap, theirs, store.data_key(mine, MERCY).wrapped, MERCY)


def test_garbage_and_unknown_keys_are_refused_for_good(store: KeyStore) -> None:
    key_id = store.create("h_mercy-1", hospital="h_mercy")
    for garbage in (b"", b"\x00\x01", b"x" * 60):
        with pytest.raises(KeyStoreError):
            store.unwrap(key_id, garbage or b"\0", MERCY)
    unknown = "0" * 32 if store.kind == "file" else "00000000-0000-0000-0000-000000000000"
    assert refusal(store.describe, unknown).permanent


def test_making_a_key_twice_finds_the_first_one(store: KeyStore) -> None:
    assert store.create("h_mercy-1", hospital="h_mercy") == store.create("h_mercy-1", hospital="h_mercy")
    assert len(store.known()) == 1


@pytest.mark.security("S60")
def test_after_a_rotation_old_keys_open_and_are_wrapped_anew(store: KeyStore) -> None:
    key_id = store.create("h_mercy-1", hospital="h_mercy")
    made = store.data_key(key_id, MERCY)
    store.rotate(key_id)
    assert store.describe(key_id).versions == 2
    assert store.unwrap(key_id, made.wrapped, MERCY) == made.plaintext
    anew = store.rewrap(key_id, made.wrapped, MERCY)
    assert anew != made.wrapped
    assert store.unwrap(key_id, anew, MERCY) == made.plaintext


def test_a_key_says_whose_it_is_and_nothing_else(store: KeyStore) -> None:
    key_id = store.create("h_mercy-1", hospital="h_mercy")
    store.create("h_river-1", hospital="h_river")
    said = store.describe(key_id)
    assert (said.id, said.name, said.hospital, said.state, said.versions) == (
        key_id, "h_mercy-1", "h_mercy", KeyState.ACTIVE, 1,
    )  # fmt: skip
    assert said.created_at.tzinfo is not None
    assert [key.hospital for key in store.known()] == ["h_mercy", "h_river"]
    assert "plaintext" not in repr(store.data_key(key_id, MERCY))


@pytest.mark.security("S59")
def test_a_destroyed_key_is_ended_and_its_name_is_free(store: KeyStore) -> None:
    key_id = store.create("h_mercy-1", hospital="h_mercy")
    other = store.create("h_river-1", hospital="h_river")
    store.destroy(key_id)
    store.destroy(key_id)
    assert store.describe(key_id).state is KeyState.DESTROYED
    assert store.describe(other).state is KeyState.ACTIVE
    again = store.create("h_mercy-1", hospital="h_mercy")
    assert again != key_id
    assert store.describe(again).state is KeyState.ACTIVE


# What only key files do.


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    return KeyFiles(str(tmp_path / "store"))


@pytest.mark.security("S59")
def test_nothing_of_a_destroyed_key_is_left_in_the_folder(files: KeyFiles) -> None:
    key_id = files.create("h_mercy-1", hospital="h_mercy")
    wrapped = files.data_key(key_id, MERCY).wrapped
    held = (files.folder / f"{key_id}.key").open(errors="replace")
    secret = held.read().partition('"versions": ["')[2].partition('"')[0]
    assert len(secret) > 40
    files.destroy(key_id)
    for call in (files.data_key, files.rotate):
        assert refusal(call, *((key_id, MERCY) if call == files.data_key else (key_id,))).permanent
    assert refusal(files.unwrap, key_id, wrapped, MERCY).permanent
    held.seek(0)
    assert secret not in held.read()  # the file itself, which an open handle keeps, is overwritten
    held.close()
    assert not [file for file in files.folder.iterdir() if secret in file.read_text()]


def test_the_folder_and_its_files_are_their_owners_alone(files: KeyFiles) -> None:
    key_id = files.create("h_mercy-1", hospital="h_mercy")
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.folder.iterdir()} == {0o600}
    (files.folder / f"{key_id}.key").chmod(0o640)
    assert refusal(files.data_key, key_id, MERCY).code == "open_to_others"


def test_many_at_once_make_one_key_and_lose_no_rotation(files: KeyFiles) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: KeyFiles(str(files.folder)).create("h_mercy-1", hospital="h_mercy"), range(24)))
        assert len(ids) == 1
        key_id = ids.pop()
        list(pool.map(lambda _: KeyFiles(str(files.folder)).rotate(key_id), range(24)))
    assert files.describe(key_id).versions == 25
    assert len(list(files.folder.glob("*"))) == 2  # the key and the lock


def test_a_folder_that_is_away_may_come_back(files: KeyFiles) -> None:
    key_id = files.create("h_mercy-1", hospital="h_mercy")
    files.folder.rename(files.folder.with_name("elsewhere"))
    assert not refusal(files.data_key, key_id, MERCY).permanent


@pytest.mark.parametrize("key_id", ["../../etc/passwd", "", "x" * 32, "a/../b"])
def test_the_id_of_a_key_is_no_path(files: KeyFiles, key_id: str) -> None:
    assert refusal(files.describe, key_id).permanent


# What only AWS KMS does.


@pytest.mark.security("S58")
def test_kms_is_told_the_hospital_the_table_and_the_column(amazon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    store = AwsKms("us-east-1", installation="portico.example")
    key_id = store.create("h_mercy-1", hospital="h_mercy")
    wrapped = store.data_key(key_id, MERCY).wrapped
    asked = store._client.decrypt(
        KeyId=key_id, CiphertextBlob=wrapped,
        EncryptionContext={"hospital": "h_mercy", "table": "accounts_authenticatorapp", "column": "sealed_seed"},
    )  # fmt: skip
    assert len(asked["Plaintext"]) == 32
    aliases = store._client.list_aliases(KeyId=key_id)["Aliases"]
    assert [alias["AliasName"] for alias in aliases] == ["alias/portico/portico-example/h_mercy-1"]


def test_two_installations_in_one_account_do_not_see_each_others_keys(amazon: None) -> None:
    here = AwsKms("us-east-1", installation="portico.example")
    there = AwsKms("us-east-1", installation="staging.example")
    assert here.create("h_mercy-1", hospital="h_mercy") != there.create("h_mercy-1", hospital="h_mercy")
    assert len(here.known()) == len(there.known()) == 1
    assert here.known() != there.known()


@pytest.mark.parametrize(
    ("said", "permanent"),
    [
        ("InvalidCiphertextException", True),
        ("KMSInvalidStateException", True),
        ("NotFoundException", True),
        ("AccessDeniedException", False),
        ("DisabledException", False),
        ("ThrottlingException", False),
        ("KMSInternalException", False),
        ("KeyUnavailableException", False),
    ],
)
def test_kms_errors_say_whether_asking_again_helps(said: str, permanent: bool, amazon: None) -> None:
    from botocore.stub import Stubber

    store = AwsKms("us-east-1", installation="portico.example")
    with Stubber(store._client) as stub:
        stub.add_client_error("decrypt", said)
        assert refusal(store.unwrap, "a-key", b"wrapped", MERCY).permanent is permanent


def test_a_kms_that_nobody_answers_for_is_not_gone_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    assert not refusal(AwsKms("us-east-1", installation="portico.example").unwrap, "a-key", b"x", MERCY).permanent


@pytest.mark.parametrize("text", ["", "file:keys", "file:", "vault:x", "aws-kms:", "aws-kms:Frankfurt", "/a/folder"])
def test_a_setting_that_names_no_store_is_told_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"^PORTICO_KEYS names no key store\. Write"):
        kind_and_place(text)
