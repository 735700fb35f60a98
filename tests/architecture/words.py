"""Reads every English string that a person may see out of the sources, without gettext.

`python -m tests.architecture.words` brings the catalogues up to date with the sources: new strings stand there empty,
and what nobody uses any more is gone. A translator fills the gaps; test_translations.py says whether any are left.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[2]
SOURCES = ("platform", "tenants", "themes", "cms")
LOCALE = ROOT / "platform" / "config" / "locale"
LANGUAGES = ("es", "ar")
# How the arguments of each call are to be read: c is a context, s a message, p its plural.
CALLS = {"_": "s", "gettext": "s", "gettext_lazy": "s", "gettext_noop": "s"}
CALLS |= {"ngettext": "sp", "ngettext_lazy": "sp", "pgettext": "cs", "pgettext_lazy": "cs"}
CALLS |= {"npgettext": "csp", "npgettext_lazy": "csp"}
LITERAL = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
IN_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


@dataclass(slots=True)
class Message:
    """One English message, and the files that show it."""

    context: str
    text: str
    plural: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.text


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def messages() -> dict[tuple[str, str], Message]:
    """Every message of the sources, by context and text."""
    found: dict[tuple[str, str], Message] = {}
    for file in _files():
        for call, arguments in _in_python(file) if file.suffix == ".py" else _in_template(file):
            parts: dict[str, str] = defaultdict(str, zip(CALLS[call], arguments, strict=False))
            message = found.setdefault((parts["c"], parts["s"]), Message(parts["c"], parts["s"]))
            message.plural = message.plural or parts["p"]
            message.files.add(file.relative_to(ROOT).as_posix())
    return found


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"), wrapwidth=0)


def _files() -> Iterator[Path]:
    for source in SOURCES:
        for file in sorted((ROOT / source).rglob("*")):
            if file.suffix == ".py" or (file.suffix in {".html", ".txt"} and "templates" in file.parts):
                yield file


def _in_python(file: Path) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        wanted = node.args[: len(CALLS.get(name, ""))]
        texts = [a.value for a in wanted if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if texts and len(texts) == len(CALLS[name]):
            yield name, texts


def _in_template(file: Path) -> Iterator[tuple[str, list[str]]]:
    for call, arguments in IN_TEMPLATE.findall(templatize(file.read_text(encoding="utf-8"), origin=str(file))):
        yield call, [ast.literal_eval(literal) for literal in re.findall(LITERAL, arguments)]


def refresh(language: str) -> polib.POFile:
    """The catalogue with exactly the messages of the sources, in their order; the translations are kept."""
    known, fresh = catalogue(language), polib.POFile(wrapwidth=0)
    fresh.metadata, fresh.header = known.metadata, known.header
    forms = int(known.metadata["Plural-Forms"].split("nplurals=")[1].split(";")[0])
    for message in sorted(messages().values(), key=lambda m: (min(m.files), m.text, m.context)):
        entry = known.find(message.text, msgctxt=message.context or False)
        fresh.append(_entry(message, forms, entry))
    return fresh


def _entry(message: Message, forms: int, known: polib.POEntry | None) -> polib.POEntry:
    made = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    made.occurrences = [(file, "") for file in sorted(message.files)]
    if message.plural:
        made.msgid_plural = message.plural
        kept = known.msgstr_plural if known else {}
        made.msgstr_plural = {n: kept.get(n, "") for n in range(forms)}
    else:
        made.msgstr = known.msgstr if known else ""
    made.tcomment = known.tcomment if known else ""
    made.flags = ["python-format"] if "%(" in message.text else []
    return made


def main() -> None:
    for language in LANGUAGES:
        fresh = refresh(language)
        fresh.save(str(LOCALE / language / "LC_MESSAGES" / "django.po"))
        print(f"{language}: {len(fresh)} messages, {len(fresh.untranslated_entries())} to translate")


if __name__ == "__main__":
    main()
