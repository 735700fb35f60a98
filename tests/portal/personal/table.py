"""The table of docs/personal-data.md, made of what the models say: `python -m tests.portal.personal.table`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "personal-data.md"
BEGIN, END = "<!-- made by tests.portal.personal.table: begin -->", "<!-- end -->"


def table() -> str:
    """One row a table with somebody's data, and the other tables named below it."""
    from django.conf import settings
    from django.utils.translation import override

    from foundation.personal import Holds, Kept, declarations, personal

    lines = ["| table | holds | patient | person | erasing |", "|---|---|---|---|---|"]
    with override("en"):
        for said in sorted(personal(), key=lambda said: (list(Holds).index(said.holds), said.table)):
            kept = f"stays: {said.erase.reason}" if isinstance(said.erase, Kept) else words_of(said.erase)
            vendor = " (vendor's)" if said.model._meta.app_config.name in settings.PUBLIC_APPS else ""
            columns = " | ".join(f"`{name}`" if name else "" for name in (said.patient, said.person))
            lines.append(f"| `{said.table}`{vendor}: {said.title} | {said.holds} | {columns} | {kept} |")
    for kind, words in ((Holds.TECHNICAL, "Settings and the machine's own"), (Holds.NOTHING, "Nobody's by nature")):
        names = ", ".join(f"`{name}`" for name in sorted(said.table for said in declarations(kind)))
        lines += ["", f"{words}: {names}."]
    return "\n".join(lines)


def words_of(erase: object) -> str:
    """What happens to the row."""
    from foundation.personal import delete_rows

    name = getattr(erase, "__name__", "")
    return "row goes" if erase is delete_rows or name.startswith("delete") else "row is emptied"


def written(page: str) -> str:
    """The page with the table of now."""
    head, rest = page.split(BEGIN)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.split(END, 1)[1]}"


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    PAGE.write_text(written(PAGE.read_text()))
