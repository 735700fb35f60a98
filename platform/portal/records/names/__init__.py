"""Plain names for tests and measurements, and one or two calm sentences on what each is, by LOINC code.

The words say what a test looks at, never what a value means for one person. A code that is not here keeps the
source's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Plain:
    """A test in plain words, by language. A language without a sentence falls back to English, and says so."""

    names: Mapping[str, str]
    sentences: Mapping[str, str]

    def name(self, language: str) -> str:
        return self.names.get(language[:2], self.names["en"])

    def sentence(self, language: str) -> tuple[str, str]:
        """The sentence, and the language that it is in."""
        code = language[:2] if language[:2] in self.sentences else "en"
        return self.sentences.get(code, ""), code


LANGUAGES = ("en", "es", "ar")


def _read() -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for line in files(__package__).joinpath("tests.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        codes, *words = (part.strip() for part in line.split("|"))
        plain = Plain(dict(zip(LANGUAGES, words[:3], strict=True)), dict(zip(LANGUAGES, words[3:], strict=True)))
        found.update(dict.fromkeys(codes.split(), plain))
    return found


TESTS = _read()


def plain_name(loinc: str, language: str, fallback: str) -> str:
    """The plain name of a test, or the source's own words."""
    known = TESTS.get(loinc)
    return known.name(language) if known else fallback
