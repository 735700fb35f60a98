"""One contract for every store of signed heads: what was put can be read, and nothing else happens to it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from foundation.audit.anchors import AnchorFailed, AuditAnchor, open_anchor
from foundation.audit.anchors.file import FileAnchor
from foundation.audit.anchors.s3 import S3Anchor

BUCKET = "portico-audit"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        yield client


@pytest.fixture(params=["file", "s3"])
def anchor(request: pytest.FixtureRequest, tmp_path: Path) -> AuditAnchor:
    if request.param == "file":
        return FileAnchor(tmp_path)
    return S3Anchor(request.getfixturevalue("s3"), BUCKET, 7)


def kept(anchor: AuditAnchor, schema: str, **which: int) -> list[tuple[int, str]]:
    return [(place.sequence, anchor.get(schema, place)) for place in anchor.places(schema, **which)]


@pytest.mark.security("S53")
def test_what_was_put_is_read_in_the_order_of_its_numbers(anchor: AuditAnchor) -> None:
    for number in (9, 10, 100, 2):
        anchor.put("h_mercy", number, f"head-{number}")
    assert kept(anchor, "h_mercy") == [(number, f"head-{number}") for number in (2, 9, 10, 100)]
    assert kept(anchor, "h_mercy", after=9) == [(10, "head-10"), (100, "head-100")]


@pytest.mark.security("S53")
def test_each_hospital_has_its_own(anchor: AuditAnchor) -> None:
    anchor.put("h_mercy", 1, "one")
    anchor.put("h_mercy_two", 2, "two")
    assert kept(anchor, "h_mercy") == [(1, "one")]
    assert kept(anchor, "h_riverside") == []


def test_the_same_head_is_kept_once_and_another_one_beside_it(anchor: AuditAnchor) -> None:
    anchor.put("h_mercy", 5, "one")
    anchor.put("h_mercy", 5, "one")
    anchor.put("h_mercy", 5, "other")
    assert sorted(kept(anchor, "h_mercy")) == [(5, "one"), (5, "other")]


def test_the_folder_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    FileAnchor(tmp_path / "anchors").put("h_mercy", 1, "one")
    (file,) = (tmp_path / "anchors" / "h_mercy").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("schema", ["../other", "h/x", "", "H_MERCY"])
def test_a_name_that_is_no_schema_reaches_no_file(tmp_path: Path, schema: str) -> None:
    with pytest.raises(AnchorFailed):
        FileAnchor(tmp_path).put(schema, 1, "one")


@pytest.mark.security("S53")
def test_a_locked_object_can_be_neither_deleted_nor_shortened_nor_hidden(s3: Any) -> None:
    anchor = S3Anchor(s3, BUCKET, 7)
    anchor.put("h_mercy", 1, "one")
    (version,) = s3.list_object_versions(Bucket=BUCKET)["Versions"]
    which = {"Bucket": BUCKET, "Key": version["Key"], "VersionId": version["VersionId"]}
    held = s3.head_object(**which)
    assert held["ObjectLockMode"] == "COMPLIANCE"
    assert (held["ObjectLockRetainUntilDate"] - version["LastModified"]).days > 6 * 366
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**which)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**which, BypassGovernanceRetention=True)
    s3.delete_object(Bucket=BUCKET, Key=version["Key"])  # a marker: the object looks gone
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)
    assert kept(anchor, "h_mercy") == [(1, "one")]


def test_a_store_that_cannot_be_reached_or_does_not_exist_says_so(s3: Any) -> None:
    with pytest.raises(AnchorFailed) as raised:
        S3Anchor(s3, "absent", 7).put("h_mercy", 1, "one")
    assert (raised.value.code, raised.value.permanent) == ("NoSuchBucket", True)
    with pytest.raises(AnchorFailed):
        list(S3Anchor(s3, "absent", 7).places("h_mercy"))


def test_the_settings_name_the_store(settings: Any, s3: Any, tmp_path: Path) -> None:
    settings.PORTICO_AUDIT_ANCHOR, settings.PORTICO_AUDIT_ANCHOR_FOLDER = "file", tmp_path
    assert isinstance(open_anchor(), FileAnchor)
    settings.PORTICO_AUDIT_ANCHOR, settings.PORTICO_AUDIT_ANCHOR_BUCKET = "s3", BUCKET
    opened = open_anchor()
    assert isinstance(opened, S3Anchor)
    opened.put("h_mercy", 3, "three")
    assert kept(opened, "h_mercy") == [(3, "three")]
