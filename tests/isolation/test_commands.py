"""Every management command, run for one hospital: nothing of the other is read, said or written."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import call_command, get_commands, load_command_class
from django.db import connection, transaction

from foundation.registry import hospital_commands
from foundation.tenancy import NoHospital, commands, inside, inside_public, stand, standing
from portal.access.erased import note_erased
from tenants.actions import create_hospital, set_status
from tests.isolation.conftest import BY, Twin
from tests.isolation.contents import contents, differences

A_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Each subcommand with arguments that run it for mercy, or for a hospital made for it where it destroys something.
HERE: dict[str, list[list[str]]] = {
    "audit verify": [["--hospital", "mercy"], ["--hospital", "mercy", "--json"]],
    "audit anchor": [["--hospital", "mercy"]],
    "audit accept": [["--hospital", "mercy", "--note", "a restore"]],
    "audit key": [[]],
    "hospital list": [[]],
    "hospital create": [["birchwood", "--name", "Birchwood"]],
    "hospital suspend": [["mercy"]],
    "hospital resume": [["mercy"]],
    "hospital delete": [["hilltop", "--confirm", "hilltop"]],
    "hospital migrate": [["--only", "mercy"]],
    "hospital check-walls": [["mercy"]],
    "hospital person add": [["mercy", "--role", "clinician", "--username", "nina", "--totp-secret", A_SECRET],
                            ["mercy", "--role", "patient", "--patient", "p1001", "--username", "pat"]],
    "hospital person reset": [["mercy", "alice"]],
    "hospital connect": [["mercy", "--kind", "memory", "--base-url", "memory://twin-mercy"]],
    "hospital readmit": [["mercy", "p9999"]],
    "hospital sync": [["mercy", "--full"], ["mercy", "--patient", "p1001", "only-there"]],
    "operator add": [["--username", "vera", "--totp-secret", A_SECRET]],
    "operator reset": [["victor"]],
    "keys list": [[]],
    "keys rotate": [["--hospital", "mercy"]],
    "keys check": [["--hospital", "mercy"]],
    "keys destroy": [["hilltop", "--confirm", "hilltop"]],
}  # fmt: skip
# Our commands that are no single run for one hospital, with the reason and who tests them.
NOT_RUN = {
    "provisioner": "serves until it is stopped; its jobs are those of the commands above",
    "migrate": "Django's own, in public by name; `hospital migrate` is what runs it elsewhere",
}
# What touches no database, or stands in public by name (foundation.tenancy.commands).
WITHOUT_A_HOSPITAL = commands.PUBLIC_COMMANDS | {
    "collectstatic", "compilemessages", "diffsettings", "findstatic", "makemessages", "optimizemigration", "runserver",
    "sendtestemail", "squashmigrations", "startapp", "startproject", "test", "testserver", "generateschema",
}  # fmt: skip
# As we are set up these ask nobody anything: no cache in the database, no tags without case, SQL as text alone.
ASK_NOTHING = {"createcachetable": [], "deduplicate_tags": [], "sqlsequencereset": ["accounts"]}
FILES = {
    "FILE.csv": "from,to\n" + "/from/,http://mercy.localhost/to/\n" * 3,
    "FILE.json": '[{"model": "contenttypes.contenttype", "pk": 9999, "fields": {"app_label": "x", "model": "y"}}]',
}
# The libraries' commands that ask the database: they have entered no hospital, so their first query is refused.
REFUSED: dict[str, list[str]] = {
    "addstatictoken": ["alice"],
    "api_tokens": ["list"],
    "changepassword": ["alice"],
    "clean_orphan_obj_perms": [],
    "convert_mariadb_uuids": [],
    "create_log_entries_from_revisions": [],
    "createsuperuser": ["--no-input", "--username", "root", "--name", "Root"],
    "dumpdata": [],
    "enable_fuzzystrmatch": [],
    "enable_trigram": [],
    "enable_unaccent": [],
    "fixtree": [],
    "flush": ["--no-input"],
    "import_redirects": ["--src", "FILE.csv"],
    "inspectdb": [],
    "loaddata": ["FILE.json"],
    "move_pages": ["1", "2"],
    "publish_scheduled": [],
    "publish_scheduled_pages": [],
    "purge_embeds": [],
    "purge_revisions": [],
    "rebuild_references_index": [],
    "remove_orphaned_tags": [],
    "remove_stale_contenttypes": ["--no-input"],
    "set_url_paths": [],
    "show_references_index": [],
    "sqlflush": [],
    "two_factor_disable": ["alice"],
    "two_factor_status": ["alice"],
    "update_index": [],
    "wagtail_update_image_renditions": [],
    "wagtail_update_index": [],
}


def subcommands(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """The command with each of its subcommands, however deep."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not below:
        yield name
    for action in below:
        for key, inner in action.choices.items():
            yield from subcommands(inner, f"{name} {key}")


def of_ours() -> list[str]:
    found = []
    for name, app in sorted(get_commands().items()):
        place = app if isinstance(app, str) else app.name
        if place.split(".")[0] in {"foundation", "portal", "console", "tenants", "themes", "cms", "config"}:
            if name in NOT_RUN:
                continue
            parser = load_command_class(place, name).create_parser("manage.py", name)
            found += list(subcommands(parser, name))
    return found


@pytest.mark.security("S1")
def test_every_command_is_walked_or_known() -> None:
    """A new command, or a new subcommand, needs an entry: which hospital it runs for, or why it is none's."""
    assert set(of_ours()) - set(HERE) == set()
    assert {f"hospital {name}" for name in hospital_commands} == {
        " ".join(name.split()[:2]) for name in HERE if name.startswith("hospital ")
    }
    known = {name.split()[0] for name in HERE} | set(NOT_RUN) | WITHOUT_A_HOSPITAL | set(REFUSED) | set(ASK_NOTHING)
    assert set(get_commands()) - known == set()


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes to the database is taken back."""
    with inside_public() as public, transaction.atomic():
        stand(None)
        try:
            yield
        finally:
            stand(public)
        transaction.set_rollback(True)


@pytest.mark.security("S1")
def test_a_command_for_one_hospital_leaves_the_other_alone(
    twins: tuple[Twin, Twin], person: Callable[..., Any], tmp_path: Path, settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    here, there = twins
    settings.PORTICO_VAR = tmp_path
    person(None, "victor", role="operator")
    hilltop = create_hospital(by=BY, slug="hilltop", name="Hilltop")
    person(hilltop, "ann", role="clinician")  # her second step is sealed: there is a key to destroy
    set_status(by=BY, slug="hilltop", status="suspended")
    with inside(here.hospital), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was made in this transaction can be dropped in it
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    monkeypatch.setattr("tenants.actions.dump", lambda record, moment: tmp_path / record.schema_name)
    with inside(here.hospital):
        note_erased([(None, "p9999")])  # there is somebody to be let back in
    before, own, changed = contents(there.hospital), contents(here.hospital), 0
    for command in of_ours():
        for arguments in HERE[command]:
            said = io.StringIO()
            with undone():
                with redirect_stdout(said), commands.standing_for(command.split()[0]):
                    call_command(*command.split(), *arguments, stdout=said, stderr=said)
                assert standing() is None, command
                assert differences(before, contents(there.hospital)) == [], command
                there_too = differences(own, contents(here.hospital))
            assert "CANARY" not in said.getvalue(), f"{command} printed a patient's name or record"
            assert there.hospital.host not in said.getvalue() or command == "hospital list"
            if "mercy" not in arguments:
                assert there_too == [], command
            changed += bool(there_too)
    assert changed >= 6, "The commands did hardly anything: the walk proves nothing."


@pytest.mark.security("S4")
def test_a_librarys_command_that_asks_the_database_is_refused(twins: tuple[Twin, Twin], tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    before = [contents(twin.hospital) for twin in twins]
    for command, given in {**REFUSED, **ASK_NOTHING}.items():
        arguments = [str(tmp_path / one) if one in FILES else one for one in given]
        said, refused = io.StringIO(), None
        with commands.standing_for(command), redirect_stdout(said):
            try:
                call_command(command, *arguments, stdout=said, stderr=said)
            except (Exception, SystemExit) as error:
                refused = error
        assert "CANARY" not in said.getvalue(), command
        if command in ASK_NOTHING:
            assert refused is None, command
        else:
            assert because_of_no_hospital(refused) or "entered no hospital" in said.getvalue(), (command, refused)
    assert [contents(twin.hospital) for twin in twins] == before


def because_of_no_hospital(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, NoHospital):
        error = error.__cause__ or error.__context__
    return error is not None
