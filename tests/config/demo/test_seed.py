"""The whole seeding, as `make demo` runs it: in a process of its own, on a database that it fills and fills again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.conftest import address_of, copy_of_template, maintenance
from tests.sandbox import ROOT, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def copied_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of a database with the two hospitals and nobody in them."""
    with django_db_blocker.unblock(), maintenance() as server:
        name = f"{connection.settings_dict['NAME']}_seed"
        copy_of_template(server, name)
        yield address_of(name)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run_seed(database: str, var: Path, port: int) -> str:
    path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
    env = {
        **os.environ, "PYTHONPATH": path, "DATABASE_URL": database, "PORTICO_VAR": str(var), "PORT": "8123",
        "PORTICO_DEMO_EHR_PORT": str(port), "DJANGO_SETTINGS_MODULE": "config.settings.demo",
    }  # fmt: skip
    migrate = [sys.executable, "manage.py", "hospital", "migrate"]  # a copied database has no roles of its own yet
    subprocess.run(migrate, cwd=ROOT, env=env, capture_output=True, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "config.demo", "seed"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(database: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as asked:
        return asked.execute(sql).fetchall()


def test_the_demo_is_filled_once_and_found_again(copied_database: str, tmp_path: Path) -> None:
    port = free_port()
    run_seed(copied_database, tmp_path, port)
    first = (tmp_path / "demo.json").read_text()
    told = json.loads(first)
    assert [hospital["slug"] for hospital in told["hospitals"]] == ["mercy", "riverside"]
    assert told["hospitals"][0]["url"] == "http://mercy.localhost:8123/"
    for hospital in told["hospitals"]:
        schema = hospital["schema"]
        patients = rows(copied_database, f'SELECT count(*) FROM "{schema}".access_patient')[0][0]
        assert patients >= 25
        rich = rows(copied_database, f"SELECT count(*) FROM \"{schema}\".ehr_resource WHERE fhir_id LIKE 'p1001-obs-%'")
        assert rich[0][0] > 300
        people = rows(copied_database, f'SELECT username FROM "{schema}".accounts_user ORDER BY 1')
        assert {name for (name,) in people} == {person["username"] for person in hospital["people"]}
    again = run_seed(copied_database, tmp_path, port)
    assert "Mercy General Hospital is there already" in again
    assert "0 people made" in again
    assert (tmp_path / "demo.json").read_text() == first
