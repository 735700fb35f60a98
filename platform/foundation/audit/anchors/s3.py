"""Signed heads in an S3 bucket with Object Lock: in COMPLIANCE mode nobody, the account's root included, can delete or
shorten them until their years are over.

One object a head, `audit/<schema>/<number>-<digest>.jws`. Versions are listed, not objects: a delete marker, which
anybody with the right to delete may still set, hides nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from foundation import clock
from foundation.audit.anchors import AnchorFailed, Place

YEAR = timedelta(days=366)
PREFIX = "audit"
OUR_FAULT = frozenset({"AccessDenied", "NoSuchBucket", "InvalidRequest", "InvalidBucketName", "absent"})


def open_anchor() -> S3Anchor:
    client = boto3.client(
        "s3",
        region_name=settings.PORTICO_AUDIT_ANCHOR_REGION,
        endpoint_url=settings.PORTICO_AUDIT_ANCHOR_ENDPOINT or None,
        config=Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2, "mode": "standard"}),
    )
    return S3Anchor(client, settings.PORTICO_AUDIT_ANCHOR_BUCKET, settings.PORTICO_AUDIT_YEARS + 1)


class S3Anchor:
    """`years` is for how long an object is locked: longer than the events themselves are kept."""

    def __init__(self, client: Any, bucket: str, years: int) -> None:
        self.client, self.bucket, self.years = client, bucket, years

    def put(self, schema: str, sequence: int, signed: str) -> None:
        digest = hashlib.sha256(signed.encode()).hexdigest()[:32]
        try:
            self._ask(
                "put_object",
                Key=f"{PREFIX}/{schema}/{sequence:020d}-{digest}.jws",
                Body=signed.encode(),
                ContentType="application/jose",
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=clock.now() + self.years * YEAR,
            )
        except AnchorFailed as error:
            if error.code != "PreconditionFailed":  # it lies there already
                raise

    def places(self, schema: str, *, after: int = -1) -> Iterator[Place]:
        prefix = f"{PREFIX}/{schema}/"
        # One number early: a store that takes a marker for the last key it gave leaves out the key that follows it.
        marker = {"KeyMarker": f"{prefix}{after - 1:020d}-~"} if after > 0 else {}
        while True:
            page = self._ask("list_object_versions", Prefix=prefix, **marker)
            for one in page.get("Versions", []):
                number = int(one["Key"].removeprefix(prefix).partition("-")[0])
                if number > after:
                    yield Place(number, f"{one['Key']}@{one['VersionId']}")
            if not page.get("IsTruncated"):
                return
            marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def get(self, schema: str, place: Place) -> str:
        key, _, version = place.name.rpartition("@")
        text: bytes = self._ask("get_object", Key=key, VersionId=version)["Body"].read()
        return text.decode()

    def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(Bucket=self.bucket, **arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            raise AnchorFailed(code, permanent=code in OUR_FAULT) from error
        except BotoCoreError as error:
            raise AnchorFailed(type(error).__name__) from error
        return answer
