"""Cuts the fonts of the design system: `python themes/tooling/fonts.py <folder with the unpacked npm packages>`.

Source: the npm packages @fontsource-variable/noto-sans and @fontsource-variable/noto-sans-arabic (SIL OFL 1.1), of
which we keep the weights 400 to 700 and the characters that pages in English, Spanish, Arabic and Vietnamese need. The
results are committed, so nobody needs this script to build Portico.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

OUT = Path(__file__).resolve().parent.parent / "static" / "ds" / "fonts"
LATIN = (
    "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2009,U+200B-200F,U+2010-2015,"
    "U+2018-201E,U+2020-2022,U+2026,U+202A-202F,U+2030,U+2032-2033,U+2039-203A,U+2044,U+2066-2069,U+20AC,U+2122,U+2212"
)
FEATURES = [
    "kern",
    "mark",
    "mkmk",
    "ccmp",
    "locl",
    "liga",
    "rlig",
    "calt",
    "init",
    "medi",
    "fina",
    "isol",
    "tnum",
    "lnum",
    "rclt",
]
CUTS = {
    "noto-sans-latin.woff2": ("noto-sans-latin-wght-normal.woff2", LATIN),
    "noto-sans-latin-ext.woff2": (
        "noto-sans-latin-ext-wght-normal.woff2",
        "U+0100-024F,U+1E00-1E9F,U+1EF2-1EFF,U+2113",
    ),
    "noto-sans-vietnamese.woff2": ("noto-sans-vietnamese-wght-normal.woff2", "*"),
    "noto-sans-greek.woff2": ("noto-sans-greek-wght-normal.woff2", "U+0370-03FF"),
    # The one word that stands on every page before sign-in: the language's own name.
    "noto-sans-arabic-name.woff2": (
        "noto-sans-arabic-arabic-wght-normal.woff2",
        "U+0627-0628,U+0629-062A,U+0631,U+0639,U+0644,U+064A",
    ),
    "noto-sans-arabic.woff2": (
        "noto-sans-arabic-arabic-wght-normal.woff2",
        "U+0600-06FF,U+0750-077F,U+200C-200E,U+2010-2011,U+204F,U+2E41,U+FB50-FB51,U+FDF2,U+FEFF",
    ),
}


def cut(source: Path, target: Path, characters: str) -> None:
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(flavor="woff2", notdef_outline=True, hinting=False)
    options.drop_tables += ["DSIG"]
    options.layout_features = FEATURES
    subsetter = subset.Subsetter(options)
    codes = [code for table in font["cmap"].tables for code in table.cmap] if characters == "*" else parse(characters)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": (400, 700)}, inplace=True)
    font.flavor = "woff2"
    font.save(target)


def parse(ranges: str) -> list[int]:
    codes: list[int] = []
    for part in ranges.replace("U+", "").split(","):
        first, _, last = part.partition("-")
        codes.extend(range(int(first, 16), int(last or first, 16) + 1))
    return codes


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, (source, characters) in CUTS.items():
        found = next(folder.rglob(source))
        cut(found, OUT / name, characters)
        print(name, (OUT / name).stat().st_size)
