"""Whoever adds a sentence adds it in Spanish and Arabic too, and writes it so that everybody can follow."""

from __future__ import annotations

import re

import polib
import pytest

from tests.architecture.words import LANGUAGES, Message, catalogue, messages, placeholders

NOT_SAID = re.compile(r"\b(please|invalid|oops|whoops|sorry|click here)\b|!", re.IGNORECASE)
CAPITALS = re.compile(r"(?<![\w/.-])[A-Z]{2,}(?![\w/.-])")
ACRONYMS = {"PDF", "ZIP", "QR", "FHIR", "JSON", "DNS", "PEM", "RSA", "SVG", "CSV", "KB", "ABCD", "EFGH", "IJKL", "MNOP"}
HIGHEST_GRADE = 8.0
LEAST_WORDS = 6
FOR_STAFF = (
    "platform/foundation/audit/alarms.py",
    "platform/portal/ehr/",
    "platform/tenants/",
    "tenants/",
    "themes/gallery",
    "themes/templates/themes/gallery",
)
WRITTEN_ALIKE = {"Portico", "Error:"}


@pytest.fixture(scope="module")
def said() -> dict[tuple[str, str], Message]:
    return messages()


def entries(language: str) -> dict[tuple[str, str], polib.POEntry]:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue(language) if not entry.obsolete}


def many_forms(language: str) -> list[int]:
    """The plural forms that stand for more than one number, and so have to name it."""
    return {"es": [0, 1], "ar": [3, 4, 5]}[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str, said: dict[tuple[str, str], Message]) -> None:
    known = entries(language)
    missing = [key for key in said if key not in known or not known[key].translated()]
    assert not missing, f"Run python -m tests.architecture.words, then translate {missing}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_over(language: str, said: dict[tuple[str, str], Message]) -> None:
    assert not set(entries(language)) - set(said)
    assert not catalogue(language).obsolete_entries()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str, said: dict[tuple[str, str], Message]) -> None:
    known = entries(language)
    for key, message in said.items():
        if message.plural:
            forms = known[key].msgstr_plural
            everywhere = placeholders(message.text) & placeholders(message.plural)
            for number, form in forms.items():
                assert placeholders(form) <= placeholders(message.plural) | everywhere, (key, form)
                if number in many_forms(language):
                    assert placeholders(form) >= everywhere, (key, form)
        else:
            assert placeholders(known[key].msgstr) == placeholders(message.text), key


@pytest.mark.parametrize(("language", "count"), [("es", 2), ("ar", 6)])
def test_plurals_have_all_their_forms(language: str, count: int, said: dict[tuple[str, str], Message]) -> None:
    assert f"nplurals={count};" in catalogue(language).metadata["Plural-Forms"]
    for key, entry in entries(language).items():
        assert entry.msgid_plural == said[key].plural
        assert len(entry.msgstr_plural) == (count if entry.msgid_plural else 0), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_and_ends_survive_translation(language: str) -> None:
    tags = re.compile(r"</?\w+[^>]*>")
    for key, entry in entries(language).items():
        forms = list(entry.msgstr_plural.values()) or [entry.msgstr]
        for form in forms:
            assert sorted(tags.findall(form)) == sorted(tags.findall(entry.msgid)), key
            assert form == form.strip() or entry.msgid != entry.msgid.strip(), key


def test_arabic_is_arabic_and_its_digits_are_western() -> None:
    for key, entry in entries("ar").items():
        for form in entry.msgstr_plural.values() or [entry.msgstr]:
            assert not re.search("[\u0660-\u0669\u06f0-\u06f9\u200e\u200f\u202a-\u202e]", form), key
            assert re.search("[\u0600-\u06ff]", form) or key[1] in WRITTEN_ALIKE, key


def test_spanish_says_usted() -> None:
    familiar = re.compile(r"\b(tú|tu|tus|ti|contigo|haz|elige|escribe|puedes|tienes|quieres|vosotros)\b", re.I)
    for key, entry in entries("es").items():
        for form in entry.msgstr_plural.values() or [entry.msgstr]:
            assert not familiar.search(form), (key, form)


def test_english_is_friendly_and_calm(said: dict[tuple[str, str], Message]) -> None:
    for context, text in said:
        assert not NOT_SAID.search(text), (context, text)
        shouted = set(CAPITALS.findall(placeholder_free(text))) - ACRONYMS
        assert not shouted, (text, shouted)


def test_english_for_patients_is_easy_to_read(said: dict[tuple[str, str], Message]) -> None:
    """The Flesch-Kincaid grade of each sentence, a lint and no proof. Pages for technical staff are left out."""
    hard = []
    for message in said.values():
        if all(file.startswith(FOR_STAFF) for file in message.files):
            continue
        for text in {message.text, message.plural}:
            for sentence in re.split(r"(?<=[.?:])\s+", placeholder_free(text)):
                grade = grade_of(sentence)
                if grade > HIGHEST_GRADE:
                    hard.append((round(grade, 1), sentence))
    assert not hard, sorted(hard, reverse=True)


def placeholder_free(text: str) -> str:
    """A placeholder counts as a short word, markup as nothing."""
    return re.sub(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}", "it", re.sub(r"<[^>]+>", "", text))


def grade_of(sentence: str) -> float:
    words = re.findall(r"[A-Za-z’']+", sentence)
    if len(words) < LEAST_WORDS:
        return 0.0
    return 0.39 * len(words) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    word = word.lower().strip("’'").replace("some", "som")
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = re.search(r"[^aeiouyl]e(s|d)?$", word) and not re.search(r"([td]ed|[csxz]es|[sc]hes|ges)$", word)
    return max(groups - bool(silent), 1)


@pytest.mark.parametrize(
    ("sentence", "lowest", "highest"),
    [
        ("The cat sat on the mat.", -3, 1),
        ("Comprehensive documentation necessitates considerable organizational collaboration.", 20, 60),
    ],
)
def test_the_grade_tells_easy_from_hard(sentence: str, lowest: float, highest: float) -> None:
    assert lowest < grade_of(sentence) < highest
