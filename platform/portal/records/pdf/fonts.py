"""The design system's fonts for a PDF: a family a file, and a space where a font was cut without one.

WeasyPrint keeps fonts by their family, so two files of one family would mix up their letters. And the layout takes the
space between two Arabic words from the Arabic font, which on the web comes from the Latin one.
"""

from pathlib import Path

from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

FAMILIES = {
    "Portico Latin": "noto-sans-latin.woff2",
    "Portico Latin Extended": "noto-sans-latin-ext.woff2",
    "Portico Vietnamese": "noto-sans-vietnamese.woff2",
    "Portico Greek": "noto-sans-greek.woff2",
    "Portico Arabic": "noto-sans-arabic.woff2",
}
SPACES, WIDTH = (0x20, 0xA0), 0.26
STACK = ", ".join(f'"{family}"' for family in FAMILIES)


def faces(folder: Path) -> str:
    """The @font-face rules, for files that are put into this folder."""
    rules = []
    for family, name in FAMILIES.items():
        found = finders.find(f"ds/fonts/{name}")
        if isinstance(found, str):
            target = folder / name.replace(".woff2", ".ttf")
            _unpack(Path(found), target)
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-weight: 400 700; src: url("{target.as_uri()}"); }}'
            )
    return "\n".join(rules)


def _unpack(source: Path, target: Path) -> None:
    font = TTFont(source)
    font.flavor = None
    if not set(SPACES) <= set(font.getBestCmap()):
        _add_space(font)
    font.save(target)


def _add_space(font: TTFont) -> None:
    name = "space"
    if name not in font.getGlyphOrder():
        variations = font["gvar"].variations  # read while the number of glyphs is still the old one
        font["glyf"][name] = Glyph()
        font["hmtx"][name] = (round(font["head"].unitsPerEm * WIDTH), 0)
        variations[name] = []
        if "HVAR" in font:
            del font["HVAR"]  # indexed by glyph: the widths of a new one stand in gvar's place
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(dict.fromkeys(SPACES, name))
