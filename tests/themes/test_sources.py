"""What every template, style sheet and script of the project keeps to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from themes.tooling.css import OUT, together
from themes.tooling.sprite import ICONS

ROOT = Path(__file__).parents[2]
FOLDERS = ("themes", "platform", "tenants", "cms")
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*"
    r"|(?:min-|max-)?(?:width|height)|left|right|top|bottom)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
# Text of a field that is always left to right keeps its side; @media asks for widths by their only name.
ALLOWED = re.compile(r"@media[^{]+|\[dir=\"?rtl\"?\] input[^}]+\}")
INLINE_STYLE = re.compile(r"\sstyle\s*=|<style", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)


def templates() -> Iterator[Path]:
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.html")):
            if "node_modules" not in file.parts and "/mail/" not in str(file) and "pdf" not in file.stem:
                yield file


@pytest.mark.parametrize("file", [pytest.param(file, id=str(file.relative_to(ROOT))) for file in templates()])
def test_a_template_has_no_inline_style_and_no_inline_script(file: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", file.read_text(), flags=re.DOTALL)
    assert not INLINE_STYLE.search(text), INLINE_STYLE.search(text)
    assert not INLINE_SCRIPT.search(text), INLINE_SCRIPT.search(text)


@pytest.mark.parametrize("file", sorted((ROOT / "themes" / "css").glob("*.css")), ids=lambda file: file.name)
def test_a_style_sheet_uses_logical_properties_only(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
    found = PHYSICAL.search(ALLOWED.sub("", text))
    assert found is None, found and found.group()


def test_the_committed_style_sheet_is_made_of_its_parts() -> None:
    assert OUT.read_text() == together(), "run: python themes/tooling/css.py"


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (ROOT / "themes" / "static" / "ds" / "icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', sprite))
    assert drawn == set(ICONS)
    for file in templates():
        for name in re.findall(r"\{% icon [\"']([^\"']+)[\"']", file.read_text()):
            assert name in drawn, f"{file}: {name}"


def test_every_class_of_the_handbook_exists() -> None:
    css = OUT.read_text()
    handbook = (ROOT / "docs" / "design-system.md").read_text()
    for names in re.findall(r'class="([a-z0-9 -]+)"', handbook):
        for name in names.split():
            assert f".{name}" in css, name


def test_no_source_of_ours_reaches_out() -> None:
    for file in (ROOT / "themes" / "static" / "ds").rglob("*"):
        if file.suffix in {".css", ".js", ".svg"}:
            text = file.read_text().replace("http://www.w3.org/2000/svg", "")
            assert "http:" not in text, file
            assert "https:" not in text, file


def test_the_fonts_stay_small() -> None:
    latin = ROOT / "themes" / "static" / "ds" / "fonts" / "noto-sans-latin.woff2"
    assert latin.stat().st_size < 46_000
