"""The pages of the copy that people read: where everything is, and who looked. They need nothing but a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from foundation.audit.models import AuditEvent
from foundation.permissions import Viewer
from foundation.personal import Subject, declared
from foundation.registry import event_kinds, event_meanings
from portal.accounts.mail import origin
from portal.accounts.models import Role
from portal.personal.copying.archive import Archive, Entry
from themes.moments import moment_words
from themes.queries import brand

STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.55 system-ui, sans-serif; margin: 0 auto; max-inline-size: 60rem; padding: 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin-block: 0 .5rem; }
h2 { font-size: 1.25rem; margin-block: 2rem .5rem; }
.quiet { opacity: .8; }
table { border-collapse: collapse; inline-size: 100%; }
th { text-align: start; font-weight: 600; }
th, td { border-block-end: 1px solid #8886; padding-block: .5rem; padding-inline-end: .75rem; vertical-align: top; }
td { overflow-wrap: anywhere; }
td.end, th.end { text-align: end; white-space: nowrap; }
"""
# Each page carries it: a browser reads pages from a folder one by one.
SHEET = SafeString(f"<style>{STYLE}</style>")
CONTENTS = dict[str, list[Entry]]


def _frame() -> dict[str, Any]:
    language = get_language() or "en"
    return {
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "brand": brand(),
        "sheet": SHEET,
    }


def write_index(archive: Archive, contents: Mapping[str, Sequence[Entry]], viewer: Viewer, made: datetime) -> None:
    words = {"contents": contents, "name": viewer.extra.get("name", ""), "patient": viewer.patient, "made": made}
    page = render_to_string("personal/copy/index.html", {**_frame(), **words, "origin": origin()})
    archive.bytes("index.html", page.encode())


def write_history(archive: Archive, path: str, subject: Subject) -> int:
    """Who looked, newest last, a row at a time. The number of rows."""
    said = declared(AuditEvent)
    assert said is not None
    assert said.export is not None
    count = 0
    with archive.writing(path) as out:
        out.write(render_to_string("personal/copy/history_top.html", _frame()).encode())
        for row in said.export(said, subject):
            out.write(_line(row).encode())
            count += 1
        out.write(render_to_string("personal/copy/history_end.html", _frame()).encode())
    return count


def _line(row: Mapping[str, Any]) -> str:
    return format_html(
        "<tr><td>{}</td><td><bdi>{}</bdi></td><td>{}</td><td>{}</td></tr>\n",
        moment_words(row["at"], "short"), row["actor_name"] or _("Works by itself"), _role(row["actor_role"]),
        _deed(row["kind"], row["outcome"]),
    )  # fmt: skip


def _role(name: str) -> str:
    return str(Role(name).label) if name in Role.values else ""


def _deed(kind: str, outcome: str) -> str:
    """What was done in words; a kind that no app registers any more keeps its name."""
    meaning = event_meanings.get(kind) if kind in event_meanings else None
    words: str | Promise = meaning.done if meaning else event_kinds.get(kind) if kind in event_kinds else kind
    return str(words) if outcome == "success" else _("%(what)s (turned away)") % {"what": words}


def each_heading(found: Iterator[tuple[str, Entry]], into: CONTENTS) -> None:
    for heading, entry in found:
        into.setdefault(heading, []).append(entry)
