"""Files of one hospital, asked for from the other: by key, by path, by climbing, by listing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.test import Client

from foundation.clock import now
from foundation.storage import forget_files, hospital_files, new_key, sweep
from foundation.tenancy import HospitalRecord, NoHospital, PublicSchema, inside, inside_public
from portal.access.models import Patient
from portal.records.models import RecordExport
from tests.isolation.routes import body

type Browsers = Callable[..., Client]
type People = Callable[..., Any]


@pytest.fixture(autouse=True)
def _folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.PORTICO_FILES = tmp_path / "files"


def saved(hospital: HospitalRecord, text: str, key: str = "") -> str:
    with inside(hospital):
        name: str = hospital_files().save(key or new_key("exports", ".pdf"), ContentFile(text.encode()))
        return name


@pytest.mark.security("S10")
def test_the_other_hospitals_key_opens_nothing(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    key = saved(riverside, "CANARY-RIVERSIDE")
    same = saved(riverside, "CANARY-RIVERSIDE", "exports/same.pdf")
    saved(mercy, "of mercy", "exports/same.pdf")
    with inside(mercy):
        store = hospital_files()
        assert not store.exists(key)
        with pytest.raises(FileNotFoundError):
            store.open(key)
        assert store.open(same).read() == b"of mercy"
        store.delete(key)
        store.delete(same)
    with inside(riverside):
        assert hospital_files().open(key).read() == b"CANARY-RIVERSIDE"
        assert hospital_files().open(same).read() == b"CANARY-RIVERSIDE"


CLIMBING = [
    "../{schema}/{key}", "exports/../../{schema}/{key}", "/{folder}/{schema}/{key}", "..\\{schema}\\{key}",
    "exports/../../../files/{schema}/{key}", "./../{schema}/{key}", "{schema}/../../{schema}/{key}",
]  # fmt: skip


@pytest.mark.security("S10")
@pytest.mark.parametrize("way", CLIMBING)
def test_no_path_climbs_out_of_the_hospitals_folder(
    mercy: HospitalRecord, riverside: HospitalRecord, tmp_path: Path, way: str
) -> None:
    key = saved(riverside, "CANARY-RIVERSIDE")
    path = way.format(schema=riverside.schema_name, key=key, folder=str(tmp_path / "files").lstrip("/"))
    with inside(mercy):
        store = hospital_files()
        for ask in (store.open, store.path, store.exists, store.size, store.delete):
            try:
                answer = ask(path)
            except (SuspiciousOperation, FileNotFoundError):
                continue
            assert not answer or "riverside" not in str(answer) or "\\" in path, (ask, answer)
        with pytest.raises((SuspiciousOperation, FileNotFoundError)):
            store.open(path)
        try:
            name = store.save(path, ContentFile(b"of mercy"))
        except SuspiciousOperation:
            name = ""
        assert not name or str(Path(store.path(name)).resolve()).startswith(str(tmp_path / "files" / mercy.schema_name))
    with inside(riverside):
        assert hospital_files().open(key).read() == b"CANARY-RIVERSIDE"


@pytest.mark.security("S10")
def test_a_listing_shows_ones_own_folder_alone(mercy: HospitalRecord, riverside: HospitalRecord) -> None:
    key = saved(riverside, "CANARY-RIVERSIDE")
    saved(mercy, "of mercy", "exports/own.pdf")
    with inside(mercy):
        assert hospital_files().listdir("exports") == ([], ["own.pdf"])
        assert hospital_files().listdir("")[0] == ["exports"]
        for folder in ("..", f"../{riverside.schema_name}", "/"):
            with pytest.raises((SuspiciousOperation, FileNotFoundError)):
                hospital_files().listdir(folder)
        with pytest.raises(ValueError, match="URL"):
            hospital_files().url(key)


@pytest.mark.security("S10")
@pytest.mark.security("S4")
def test_without_a_hospital_there_is_no_store(database: None) -> None:
    with pytest.raises(NoHospital):
        hospital_files()
    with inside_public(), pytest.raises(PublicSchema):
        hospital_files()


@pytest.mark.security("S10")
def test_folders_and_files_are_their_owners_alone(mercy: HospitalRecord, tmp_path: Path) -> None:
    saved(mercy, "of mercy")
    for place in (tmp_path / "files").rglob("*"):
        assert place.stat().st_mode & 0o777 == (0o700 if place.is_dir() else 0o600), place
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0, "the folder that lists the hospitals"


@pytest.mark.security("S10")
def test_a_key_is_long_and_new_each_time_and_says_nothing() -> None:
    keys = {new_key("exports", ".pdf") for _ in range(2_000)}
    assert len(keys) == 2_000
    assert all(re.fullmatch(r"exports/[\w-]{43}\.pdf", key) for key in keys)


@pytest.mark.security("S10")
def test_a_row_that_names_the_other_hospitals_file_opens_nothing(
    mercy: HospitalRecord, riverside: HospitalRecord, client_for: Browsers, person: People
) -> None:
    """Somebody wrote the other hospital's key, or a path to it, into a row of this one."""
    key = saved(riverside, "CANARY-RIVERSIDE")
    with inside(mercy):
        patient = Patient.objects.create(fhir_id="p1", name="Ben", given_name="Ben")
    user = person(mercy, "ben", patient=patient)
    browser = client_for(mercy, user)
    for named in (key, f"../{riverside.schema_name}/{key}", f"/{key}", str(Path("/etc/passwd"))):
        with inside(mercy):
            copy = RecordExport.objects.create(
                user=user, patient=patient, state=RecordExport.State.READY, file_key=named, ready_at=now()
            )
        answer = browser.get(f"/records/download/{copy.id}/file/")
        assert answer.status_code in {400, 404}, named
        assert b"CANARY" not in answer.content
        assert b"root:" not in answer.content


@pytest.mark.security("S10")
def test_no_address_serves_a_file_by_its_path(
    mercy: HospitalRecord, client_for: Browsers, person: People, tmp_path: Path
) -> None:
    key = saved(mercy, "CANARY-MERCY")
    browser = client_for(mercy, person(mercy, "ben"))
    for prefix in ("", "media/", "files/", "static/", "static/../files/", "static/%2e%2e/", "theme/../", "static//"):
        for path in (f"{mercy.schema_name}/{key}", key, f"{tmp_path}/files/{mercy.schema_name}/{key}"):
            answer = browser.get(f"/{prefix}{path}")
            assert answer.status_code in {302, 400, 403, 404}, prefix + path
            assert b"CANARY" not in body(answer)


@pytest.mark.security("S10")
@pytest.mark.parametrize("name", ["../h_mercy", "", ".", "..", "h_mercy/../h_riverside", "/", "public"])
def test_no_name_makes_forgetting_files_climb(mercy: HospitalRecord, name: str) -> None:
    key = saved(mercy, "of mercy")
    with pytest.raises(ValueError):
        forget_files(name)
    with inside(mercy):
        assert hospital_files().exists(key)


@pytest.mark.security("S10")
@pytest.mark.parametrize("folder", ["..", "../*", "*", "/", "exports/..", ""])
def test_no_folder_makes_sweeping_climb(mercy: HospitalRecord, tmp_path: Path, folder: str) -> None:
    key = saved(mercy, "of mercy", "kept/one.pdf")
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    with pytest.raises(ValueError):
        sweep(folder, older_than=timedelta(days=-1))
    assert outside.exists()
    with inside(mercy):
        assert hospital_files().exists(key)
