"""Alice with everything about her marked, so that it can be looked for afterwards."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from foundation.audit import Actor
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.models import User
from portal.personal.tasks import make_copy
from tests.portal.records.conftest import Chart, alice, ehr, rich

BY = Actor.system("tests")
__all__ = ["Chart", "alice", "ehr", "rich"]


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.PORTICO_FILES = tmp_path / "files"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was queued, and not run."""
    queued: list[str] = []

    def send(hospital: HospitalRecord, *, delay: float = 0, **arguments: Any) -> None:
        del hospital, delay
        queued.append(arguments["copy_id"])

    monkeypatch.setattr(make_copy, "send", send)
    return queued


def ask(client: Client) -> str:
    """The address of a new copy's page."""
    response = client.post("/my-data/")
    assert response.status_code == 302, response.status_code
    return str(response["Location"])


def make(hospital: HospitalRecord, sent: list[str]) -> None:
    with inside(hospital):
        make_copy(copy_id=sent[-1])


def fetch(client: Client, page: str) -> zipfile.ZipFile:
    response = client.post(f"{page}file/")
    assert response.status_code == 200, response.status_code
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]


@pytest.fixture
def ada(mercy: HospitalRecord, person: Callable[..., User]) -> User:
    """The hospital's administrator, who answers requests."""
    return person(mercy, "ada", role="admin")
