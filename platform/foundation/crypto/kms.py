"""Keys in AWS KMS: one KMS key a hospital, with an alias that names it, and the context of each data key enforced.

The keys never leave KMS. Credentials and endpoint come as boto3 finds them: a role of the machine, or AWS_* variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from foundation.crypto.port import Context, KeyDescription, KeyState, KeyStoreError, NewDataKey

WAIT_DAYS = 30  # between destroying a key and AWS erasing it: the longest that AWS knows
SOON = Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"})
STATES = {"Enabled": KeyState.ACTIVE, "PendingDeletion": KeyState.DESTROYED}
# What asking again does not change. Missing rights, throttling and a disabled key are not among them: somebody can
# mend those.
PERMANENT = {
    "InvalidCiphertextException": "not_ours",
    "IncorrectKeyException": "not_ours",
    "NotFoundException": "unknown",
    "KMSInvalidStateException": "destroyed",
    "LimitExceededException": "limit",
}


class AwsKms:
    kind = "aws-kms"

    def __init__(self, place: str, *, installation: str) -> None:
        self._client: Any = boto3.client("kms", region_name=place, config=SOON)
        self._installation = installation
        self._prefix = f"alias/portico/{re.sub(r'[^a-z0-9]', '-', installation.lower())}/"

    def create(self, name: str, *, hospital: str) -> str:
        alias = self._prefix + name
        with _asking():
            there = self._behind(alias)
            if there is not None and there.state is KeyState.ACTIVE:
                return there.id
            tags = {"portico:installation": self._installation, "portico:hospital": hospital, "portico:name": name}
            made = self._client.create_key(
                Description=f"Portico: {hospital}",
                Tags=[{"TagKey": key, "TagValue": value} for key, value in tags.items()],
            )
            key_id = str(made["KeyMetadata"]["KeyId"])
            point = self._client.create_alias if there is None else self._client.update_alias
            try:
                point(AliasName=alias, TargetKeyId=key_id)
            except self._client.exceptions.AlreadyExistsException:
                self._end(key_id)  # somebody else was first: theirs it is
                return self.create(name, hospital=hospital)
            return key_id

    def data_key(self, key_id: str, context: Context) -> NewDataKey:
        with _asking():
            made = self._client.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=_pairs(context))
        return NewDataKey(made["Plaintext"], made["CiphertextBlob"])

    def unwrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes:
        with _asking():
            opened = self._client.decrypt(KeyId=key_id, CiphertextBlob=wrapped, EncryptionContext=_pairs(context))
        return bytes(opened["Plaintext"])

    def rewrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes:
        pairs = _pairs(context)
        with _asking():
            done = self._client.re_encrypt(
                CiphertextBlob=wrapped, SourceKeyId=key_id, DestinationKeyId=key_id,
                SourceEncryptionContext=pairs, DestinationEncryptionContext=pairs,
            )  # fmt: skip
        return bytes(done["CiphertextBlob"])

    def rotate(self, key_id: str) -> None:
        with _asking():
            self._client.rotate_key_on_demand(KeyId=key_id)

    def destroy(self, key_id: str) -> None:
        """Useless at once, erased by AWS after its waiting time. Until then an administrator of AWS could stop it."""
        with _asking():
            if self.describe(key_id).state is not KeyState.DESTROYED:
                self._end(key_id)

    def describe(self, key_id: str) -> KeyDescription:
        with _asking():
            about = self._client.describe_key(KeyId=key_id)["KeyMetadata"]
            tags = self._tags(key_id)
            rotations = self._client.list_key_rotations(KeyId=key_id)["Rotations"]
        state = STATES.get(about["KeyState"], KeyState.DISABLED)
        return KeyDescription(about["KeyId"], tags.get("portico:name", ""), tags.get("portico:hospital", ""), state,
                              about["CreationDate"], 1 + len(rotations))  # fmt: skip

    def known(self) -> list[KeyDescription]:
        with _asking():
            pages = self._client.get_paginator("list_aliases").paginate()
            ids = [
                alias["TargetKeyId"]
                for page in pages
                for alias in page["Aliases"]
                if alias["AliasName"].startswith(self._prefix) and "TargetKeyId" in alias
            ]
        return sorted((self.describe(key_id) for key_id in ids), key=lambda key: (key.hospital, key.created_at))

    def _behind(self, alias: str) -> KeyDescription | None:
        try:
            return self.describe(self._client.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
        except self._client.exceptions.NotFoundException:
            return None

    def _tags(self, key_id: str) -> dict[str, str]:
        return {t["TagKey"]: t["TagValue"] for t in self._client.list_resource_tags(KeyId=key_id)["Tags"]}

    def _end(self, key_id: str) -> None:
        self._client.disable_key(KeyId=key_id)
        self._client.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=WAIT_DAYS)


def _pairs(context: Context) -> dict[str, str]:
    return {"hospital": context.hospital, "table": context.table, "column": context.column}


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]["Code"]
        permanent = said in PERMANENT
        raise KeyStoreError(PERMANENT.get(said, said), f"AWS KMS said {said}.", permanent=permanent) from error
    except BotoCoreError as error:
        raise KeyStoreError(type(error).__name__, "AWS KMS does not answer.", permanent=False) from error
