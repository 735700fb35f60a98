"""A new hospital by its template's text against a new hospital by migrations, each until its first page answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import StringIO
from statistics import median

from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from config.bench.asking import get
from config.bench.databases import passing
from config.bench.progress import BenchFailed, say
from config.bench.rounds import interleaved
from config.bench.table import Row, at_most
from foundation.audit import Actor
from foundation.registry import on_hospital_created
from foundation.tenancy import inside, inside_public
from tenants.actions import schema_for
from tenants.migrating import run_migrations
from tenants.models import Domain, Hospital
from tenants.queries import hospital_by_slug, hosts

BY = Actor.command("bench")
PART = "onboarding"
ROUNDS = 2
A_ROUND = 3


def measure() -> list[Row]:
    with passing("portico_bench_onboarding"):
        numbers = iter(range(1, 100))
        found = interleaved(
            {
                "text": lambda: [_timed(f"text-{next(numbers)}", _by_text) for _ in range(A_ROUND)],
                "migrations": lambda: [_timed(f"migrations-{next(numbers)}", _by_migrations)],
            },
            ROUNDS,
        )
    by_text, by_migrations = ([seconds for one in found[name] for seconds in one] for name in ("text", "migrations"))
    ours, theirs = median(by_text), median(by_migrations)
    return [
        Row(PART, f"hospital create until the first 200, median of {len(by_text)}", f"{ours:.2f} s",
            f"the same by migrations, median of {len(by_migrations)}", f"{theirs:.1f} s", ours / theirs, "<= 0.1"),
        at_most(PART, "the slowest of them", max(by_text), 3, unit=" s", decimals=2),
    ]  # fmt: skip


def _timed(slug: str, make: Callable[[str], None]) -> float:
    say(f"{PART}: {slug}")
    began = time.perf_counter()
    make(slug)
    answer = get(f"{slug}.localhost", reverse("accounts:sign_in"))
    seconds = time.perf_counter() - began
    if answer.status != 200:
        raise BenchFailed(f"The new hospital {slug} answered {answer.status}, not 200.")
    return seconds


def _by_text(slug: str) -> None:
    call_command("hospital", "create", slug, name=f"Hospital {slug}", brand="#0b6168", stdout=StringIO())


def _by_migrations(slug: str) -> None:
    """What `hospital create` does, with Django's own migrate in place of the text."""
    with inside_public():
        hospital = Hospital.objects.create(
            slug=slug, name=f"Hospital {slug}", schema_name=schema_for(slug), languages=["en"], status="live"
        )
        Domain.objects.create(domain=f"{slug}.localhost", tenant=hospital)
        record = hospital_by_slug(slug)
        assert record is not None
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{record.schema_name}"')
        with inside(record):
            run_migrations()
            for make in on_hospital_created.values():
                make(by=BY, hospital=record, brand="#0b6168")
    hosts.forget()
