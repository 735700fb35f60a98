"""The pages that the portal's own are measured against: nothing, and one bare statement. Never served by the portal."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse

from foundation.clock import now
from foundation.permissions import open_to_all
from portal.records.queries import home, results
from portal.records.queries.openings import new_since
from portal.records.queries.visits import STILL_AHEAD

LAST = UUID(int=2**128 - 1)
# The portal's own statements, so that both sides read the same: as JSON made by PostgreSQL, with nobody looking at it.
STATEMENTS = {
    "home": home.HOME,
    "results": f"SELECT coalesce(json_agg(found), '[]')::text FROM ({results.LIST}) AS found",  # noqa: S608  (names of ours, values as parameters)
}


@open_to_all
def empty(request: HttpRequest) -> HttpResponse:
    """What the middleware and the server cost."""
    return HttpResponse(b"empty\n", content_type="text/plain")


@open_to_all
def statement(request: HttpRequest, page: str, patient: UUID, user: UUID) -> HttpResponse:
    """The data of a page in one statement, handed on as it comes: no session, no rights, no record, no page."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[page], parameters(patient, user))
        text = str(cursor.fetchone()[0])
    return HttpResponse(text, content_type="application/json")


def parameters(patient: UUID, user: UUID) -> dict[str, Any]:
    return {
        "patient": patient, "user": user, "since": new_since(), "from": now() - STILL_AHEAD,
        "shelves": list(results.TABS["all"]), "day": date.max, "group": LAST, "id": LAST, "limit": results.PAGE + 1,
    }  # fmt: skip
