"""Fills the demo: hospitals, their EHRs, the first synchronisation, people. What is there already stays as it is."""

import contextlib
import http.client
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command

from config.demo.accounts import put_person
from config.demo.looks import LOOKS, Look
from config.demo.people import CASTS, VENDOR, DemoFile, Part
from config.demo.sandbox import CLIENT_ID, Sandbox, sandbox_of
from foundation.audit import Actor, open_trail
from foundation.tenancy import PUBLIC, HospitalRecord, inside, inside_public
from portal.ehr.queries import active_connection
from tenants.actions import create_hospital
from tenants.queries import hospital_by_slug
from themes.actions import set_brand

BY = Actor.command("demo seed")
SECONDS_FOR_A_START = 8
SECONDS_FOR_AN_ANSWER = 120
LOOPBACK = "127.0.0.0/8"


def seed() -> None:
    """Rerunnable, also after a kill at any point. Raises SystemExit with a sentence where it cannot go on."""
    file = DemoFile(Path(settings.PORTICO_VAR) / "demo.json")
    known = {(slug, part.username) for slug, parts in _casts() for part in parts if file.knows(slug, part)}
    hospitals = [_hospital(look) for look in LOOKS]
    sandboxes = [sandbox_of(look.slug) for look in LOOKS]
    for sandbox in sandboxes:
        sandbox.prepare()
    # The credentials are kept before anybody gets them: a kill in between locks nobody out.
    file.write([_site(*pair) for pair in zip(hospitals, sandboxes, strict=True)], _url(settings.PORTICO_BASE_HOST))
    if not all(_is_read(*pair) for pair in zip(hospitals, sandboxes, strict=True)):
        with _answering(sandboxes):
            for hospital, sandbox in zip(hospitals, sandboxes, strict=True):
                _read_records(hospital, sandbox)
    for hospital in hospitals:
        _people(file, hospital, CASTS[hospital.slug], known)
    _people(file, PUBLIC, VENDOR, known)


def _casts() -> list[tuple[str, tuple[Part, ...]]]:
    return [*CASTS.items(), ("", VENDOR)]


def _say(line: str) -> None:
    print(line, flush=True)


def _url(host: str) -> str:
    port = f":{settings.PORTICO_PORT}" if settings.PORTICO_PORT else ""
    return f"http://{host}{port}/"


def _hospital(look: Look) -> HospitalRecord:
    found = hospital_by_slug(look.slug)
    if found is not None:
        _say(f"{found.name} is there already")
        return found
    _say(f"Making {look.name}")
    made = create_hospital(by=BY, slug=look.slug, name=look.name, brand=look.brand, time_zone=look.time_zone)
    with inside(made), open_trail():
        set_brand(by=BY, brand_color=look.brand, corner=look.corner, motif=look.motif, symbol_svg=look.symbol,
                  names=look.names, phone=look.phone, hours=look.hours, emergency="911", interpreters=True)  # fmt: skip
    return made


def _site(hospital: HospitalRecord, sandbox: Sandbox) -> dict[str, Any]:
    """A hospital's part of var/demo.json, without its people."""
    return {
        "slug": hospital.slug,
        "name": hospital.name,
        "url": _url(hospital.host),
        "schema": hospital.schema_name,
        "fhir": {
            "base_url": sandbox.base_url,
            "token": sandbox.token(),
            "client_id": CLIENT_ID,
            "key_file": str(sandbox.key_file),
        },
    }


def _is_read(hospital: HospitalRecord, sandbox: Sandbox) -> bool:
    """Whether this EHR is connected and its records have been read once. Later changes are the scheduler's."""
    with inside(hospital):
        found = active_connection()
        same = found is not None and found.base_url.rstrip("/") == sandbox.base_url
        return same and found is not None and found.last_success_at is not None


def _read_records(hospital: HospitalRecord, sandbox: Sandbox) -> None:
    if _is_read(hospital, sandbox):
        return
    _say(f"{hospital.name}: connecting the sandbox EHR at {sandbox.base_url}")
    key = ["--client-id", CLIENT_ID, "--key", str(sandbox.key_file), "--alg", "ES384"]
    address = ["--base-url", sandbox.base_url, "--allow-private", LOOPBACK]
    said = io.StringIO()
    try:
        call_command("hospital", "connect", hospital.slug, *address, "--auth", "smart", *key, stdout=said)
    except CommandError:
        _say(said.getvalue())
        raise
    _say(f"{hospital.name}: reading the records")
    call_command("hospital", "sync", hospital.slug)


def _people(file: DemoFile, where: HospitalRecord, cast: tuple[Part, ...], known: set[tuple[str, str]]) -> None:
    place = "" if where.schema_name == PUBLIC.schema_name else where.slug
    made = 0
    with inside_public() if not place else inside(where), open_trail():
        for part in cast:
            renew = (place, part.username) not in known
            made += put_person(BY, file.person(place, part), language=part.language, renew=renew)
    _say(f"{where.name if place else 'The vendor'}: {made} people made, {len(cast) - made} were there")


@contextlib.contextmanager
def _answering(sandboxes: list[Sandbox]) -> Iterator[None]:
    """Waits for the sandbox EHRs. If nobody serves them, as when seeding by hand, they are served while this lasts."""
    deadline = time.monotonic() + SECONDS_FOR_A_START
    while not (served := all(map(_listens, sandboxes))) and time.monotonic() < deadline:
        time.sleep(0.2)
    own = None if served else subprocess.Popen([sys.executable, "-m", "config.demo", "ehr"], env=_environment())
    try:
        deadline = time.monotonic() + SECONDS_FOR_AN_ANSWER
        while not all(_answers(sandbox, deadline) for sandbox in sandboxes):
            if time.monotonic() > deadline or (own and own.poll() is not None):
                sys.exit("The sandbox EHR does not answer, so no records can be read. See var/log/ehr.log.")
            time.sleep(0.2)
        yield
    finally:
        if own is not None:
            own.send_signal(signal.SIGTERM)
            own.wait(15)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _asked(sandbox: Sandbox, path: str, seconds: float) -> int | None:
    """The status of the answer; None if nobody listens, 0 if nobody answers in time."""
    asking = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=seconds)
    try:
        asking.request("GET", path)
        return asking.getresponse().status
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        asking.close()


def _listens(sandbox: Sandbox) -> bool:
    return _asked(sandbox, "/fhir/metadata", 0.5) is not None


def _answers(sandbox: Sandbox, deadline: float) -> bool:
    """A server that still loads its charts has taken the port already, and answers when it is done."""
    return _asked(sandbox, "/fhir/metadata", max(1.0, deadline - time.monotonic())) == 200
