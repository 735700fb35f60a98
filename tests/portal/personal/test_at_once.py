"""Two downloads at the same moment: one gets the copy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from foundation.database import as_owner
from foundation.storage import hospital_files
from foundation.tenancy import HospitalRecord, inside
from portal.accounts.models import AuthenticatorApp, Session, User
from portal.personal.models import DataCopy
from tests.people import make_person, sign_in


@pytest.fixture
def ready(lasting_database: None) -> Iterator[tuple[HospitalRecord, User, DataCopy]]:
    """A copy of somebody without a record, as staff have it, committed."""
    from django.core.files.base import ContentFile

    from tenants.queries import hospital_by_slug

    mercy = hospital_by_slug("mercy")
    assert mercy is not None
    user = make_person(mercy, "twice", role="clinician")
    with inside(mercy):
        key = hospital_files().save("copies/twice.zip", ContentFile(b"PK" * 50_000))
        copy = DataCopy.objects.create(user=user, state="ready", file_key=key, size=100_000)
    yield mercy, user, copy
    with inside(mercy), as_owner():
        DataCopy.objects.all().delete()
        AuthenticatorApp.objects.filter(user=user).delete()
        Session.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk)._raw_delete(using="default")


@pytest.mark.security("S65")
def test_of_many_downloads_at_once_one_gets_the_copy(
    ready: tuple[HospitalRecord, User, DataCopy], client_for: Callable[..., Client], django_db_blocker: Any
) -> None:
    mercy, user, copy = ready
    browsers = [client_for(mercy) for _ in range(6)]
    for browser in browsers:
        sign_in(browser, mercy, user)
    answers: list[tuple[int, int]] = []
    start = threading.Barrier(len(browsers))

    def fetch(browser: Client) -> None:
        with django_db_blocker.unblock():
            start.wait()
            answer = browser.post(f"/my-data/copies/{copy.id}/file/")
            size = len(b"".join(answer.streaming_content)) if answer.streaming else 0  # type: ignore[attr-defined]
            answers.append((answer.status_code, size))
            connections.close_all()

    threads = [threading.Thread(target=fetch, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(200, 100_000), *[(404, 0)] * 5]
    with inside(mercy):
        assert DataCopy.objects.get(id=copy.id).state == "fetched"
        assert not hospital_files().exists("copies/twice.zip")
