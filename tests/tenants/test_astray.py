"""At the end of a request and of a task the connection still stands where it was put, or nothing of it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import clear_url_caches, path

from foundation.permissions import open_to_all
from foundation.tasks import HospitalTask, hospital_task, ticket
from foundation.tenancy import EndedElsewhere, HospitalRecord, current_schema, stand, standing
from tenants.queries import hospital_by_slug


def astray(request: HttpRequest) -> HttpResponse:
    stand(hospital_by_slug("riverside"))
    return HttpResponse("CANARY of riverside")


def nowhere(request: HttpRequest) -> HttpResponse:
    stand(None)
    return HttpResponse("CANARY of nobody")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(current_schema() for _ in range(2))


@pytest.fixture
def client(mercy: HospitalRecord, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    import config.urls

    added = [path(f"astray/{view.__name__}/", open_to_all(view)) for view in (astray, nowhere, stream)]
    monkeypatch.setattr(config.urls, "urlpatterns", [*config.urls.urlpatterns, *added])
    clear_url_caches()
    return Client(SERVER_NAME=mercy.host, raise_request_exception=False)


@pytest.fixture(autouse=True)
def _clear_routes() -> Any:
    yield
    clear_url_caches()


@pytest.mark.security("S9")
@pytest.mark.parametrize("view", ["astray", "nowhere"])
def test_a_request_that_ends_in_another_hospital_shows_nothing(client: Client, view: str) -> None:
    answer = client.get(f"/astray/{view}/")
    assert answer.status_code == 500
    assert b"CANARY" not in answer.content
    assert standing() is None
    assert client.get("/robots.txt").status_code == 200


@pytest.mark.security("S9")
def test_a_stream_keeps_its_hospital_until_it_is_closed(client: Client) -> None:
    answer = client.get("/astray/stream/")
    assert b"".join(answer.streaming_content) == b"h_mercyh_mercy"  # type: ignore[attr-defined]
    answer.close()
    assert standing() is None


@pytest.fixture
def wandering() -> HospitalTask[[]]:
    @hospital_task(name="tests.wandering")
    def wander() -> None:
        stand(hospital_by_slug("riverside"))

    return wander


@pytest.mark.security("S11")
def test_a_task_that_ends_in_another_hospital_fails(
    mercy: HospitalRecord, wandering: HospitalTask[[]], on_commit_now: Callable[..., None]
) -> None:
    with pytest.raises(EndedElsewhere):
        wandering.task.apply(kwargs={"hospital": ticket(mercy, wandering.name, {}), "arguments": {}}, throw=True)
