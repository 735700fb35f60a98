"""The look at the wall from outside, at the portal as it is served: it holds, writes nothing, and sees a hole."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import psycopg
import pytest

from console.walls import Answer, Door, look_at
from foundation.audit import Actor
from foundation.audit.models import AuditEvent
from foundation.tenancy import inside_public
from tests.journeys.conftest import Open, Portal
from tests.journeys.walking import COOKIE, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
BY = Actor.command("tests")
HERE, THERE = "mercy.localhost", "riverside.localhost"


def rows(portal: Portal) -> dict[str, int]:
    """How many rows each table of both hospitals has, the audit's among them. A key is made when it is first needed,
    whoever asks: those do not count."""
    with closing(psycopg.connect(portal.owner["DATABASE_ADMIN_URL"], autocommit=True)) as opened:
        names = opened.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('h_mercy', 'h_riverside') "
            "AND tablename <> 'crypto_datakey'"
        ).fetchall()
        found = {}
        for schema, table in names:
            row = opened.execute(f'SELECT count(*) FROM "{schema}"."{table}"').fetchone()
            found[f"{schema}.{table}"] = row[0] if row else 0
    return found


@pytest.mark.security("S1")
@pytest.mark.security("S3")
@pytest.mark.security("S2")
def test_the_look_from_outside_finds_the_wall_whole_and_writes_nothing(
    portal: Portal, open_page: Open, database: None
) -> None:
    page = open_page()
    sign_in(page, portal, "riverside", "eve")
    session = f"{COOKIE}={portal.sessions['riverside/eve']}"
    before = rows(portal)
    findings = look_at(f"http://127.0.0.1:{portal.port}", HERE, THERE, by=BY, session=session)
    assert [one for one in findings if not one.holds] == []
    assert len(findings) >= 18
    assert rows(portal) == before
    with inside_public():
        event = AuditEvent.objects.get(kind="console.walls_looked_at")
    assert (event.target_id, event.item_count, event.reason) == (HERE, len(findings), "0 failed")
    page.goto(portal.url("riverside", "/records/"))
    assert "/sign-in/" not in page.url, "the look ended the other hospital's session"


HOLES: dict[str, Any] = {
    "X-Forwarded-Host chooses nothing": lambda lines, asked: any("X-Forwarded-Host" in line for line in lines),
    "Forwarded chooses nothing": lambda lines, asked: any(line.startswith("Forwarded:") for line in lines),
    "Two hosts do not open the second": lambda lines, asked: any(line.startswith("Host:") for line in lines),
    "An address with another host opens nothing of it": lambda lines, asked: asked.startswith("http:"),
}


@pytest.mark.security("S3")
@pytest.mark.parametrize("what", sorted(HOLES))
def test_the_look_from_outside_sees_a_hole(
    portal: Portal, database: None, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    ask = Door.ask

    def leaky(self: Door, host: str, path: str, *lines: str, asked: str = "") -> Answer:
        return ask(self, THERE if HOLES[what](lines, asked) else host, path)

    monkeypatch.setattr(Door, "ask", leaky)
    findings = look_at(f"http://127.0.0.1:{portal.port}", HERE, THERE, by=BY)
    assert [one.what for one in findings if not one.holds] == [what]


def test_a_host_that_is_not_served_is_said_to_be_so(database: None) -> None:
    findings = look_at("http://127.0.0.1:9", HERE, THERE, by=BY)
    assert not findings[0].holds
