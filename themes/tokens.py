"""One brand colour to the colour roles of both schemes, with a contrast gate on each (WCAG 2.2 ratios).

Work is done in OKLCH: the hue of the brand is kept, lightness is walked in steps of 0.01 until a role passes on ALL
surfaces that it may sit on. Neutrals take a trace of the hue, by the square root of the brand's chroma, so that a loud
brand does not colour the pages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Self

from coloraide import Color

# Raised whenever derive() gives another answer for the same colour: stored tokens of an older version are derived anew.
TOKENS_VERSION = 1
TEXT_RATIO = 7.0
MUTED_RATIO = 5.5
PRIMARY_RATIO = 4.6
PRIMARY_RATIO_DARK = 5.5
CONTROL_RATIO = 3.1
# What text sits on. `band` carries labels in ink only, so it counts for `text` alone.
SURFACES = ("bg", "surface", "sunken", "tint", "tint_2")

_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII)


class NotAColor(ValueError):
    """The value is not `#` and six hexadecimal digits."""


def hex_color(value: object) -> str:
    """The colour as `#rrggbb` in lower case. Anything else is refused: these values end up in a style sheet."""
    if isinstance(value, str) and _HEX.fullmatch(value.lower()) and value.isascii():
        return value.lower()
    raise NotAColor("A color is written as # and six digits or letters a to f, such as #0b6168.")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colour roles of one scheme, each `#rrggbb`."""

    brand: str
    primary: str
    primary_hover: str
    on_primary: str
    bg: str
    surface: str
    sunken: str
    tint: str
    tint_2: str
    band: str
    line: str
    control: str
    text: str
    muted: str

    @classmethod
    def read(cls, values: Mapping[str, object]) -> Self:
        """From stored JSON; every value is checked again."""
        return cls(**{field.name: hex_color(values[field.name]) for field in fields(cls)})

    def roles(self) -> dict[str, str]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def surfaces(self) -> list[str]:
        return [getattr(self, name) for name in SURFACES]


@dataclass(frozen=True, slots=True)
class Tokens:
    light: Palette
    dark: Palette

    @classmethod
    def read(cls, values: Mapping[str, Mapping[str, object]]) -> Self:
        return cls(light=Palette.read(values["light"]), dark=Palette.read(values["dark"]))

    def as_json(self) -> dict[str, dict[str, str]]:
        return {"light": self.light.roles(), "dark": self.dark.roles()}


# Role: lightness, and chroma as a multiple of the square root of the brand's chroma.
type Recipe = Mapping[str, tuple[float, float]]
_LIGHT: Recipe = {
    "bg": (0.982, 0.015),
    "surface": (1.0, 0.0),
    "sunken": (0.963, 0.022),
    "tint": (0.954, 0.055),
    "tint_2": (0.916, 0.104),
    "band": (0.86, 0.17),
    "line": (0.905, 0.028),
}
_LIGHT_TEXTS: Recipe = {"control": (0.6, 0.045), "text": (0.236, 0.048), "muted": (0.46, 0.049)}
_DARK: Recipe = {
    "bg": (0.175, 0.025),
    "surface": (0.222, 0.03),
    "sunken": (0.198, 0.027),
    "tint": (0.262, 0.062),
    "tint_2": (0.329, 0.097),
    "band": (0.43, 0.138),
    "line": (0.315, 0.037),
}
_DARK_TEXTS: Recipe = {"control": (0.6, 0.046), "text": (0.945, 0.019), "muted": (0.752, 0.036)}
_DARK_CHROMA_CAP = 0.13
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class _Hue:
    """The brand in OKLCH: what all roles are mixed from."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def of(cls, color: str) -> Self:
        lightness, chroma, hue = Color(color).convert("oklch").coords(nans=False)
        return cls(lightness, chroma if chroma > 0.002 else 0.0, hue)

    def mixed(self, recipe: Recipe) -> dict[str, str]:
        root = math.sqrt(self.chroma)
        return {role: paint(lightness, k * root, self.hue) for role, (lightness, k) in recipe.items()}


def paint(lightness: float, chroma: float, hue: float) -> str:
    """An OKLCH colour as `#rrggbb`, brought into sRGB by lowering its chroma."""
    color = Color("oklch", [min(max(lightness, 0.0), 1.0), chroma, hue]).convert("srgb")
    return color.fit("srgb", method="raytrace").to_string(hex=True)


def derive(brand_color: str) -> Tokens:
    """The tokens of a brand colour. Any colour passes the gates, white and black too. Raises NotAColor."""
    brand = hex_color(brand_color)
    hue = _Hue.of(brand)
    return Tokens(light=_light(brand, hue), dark=_dark(brand, hue))


def _light(brand: str, hue: _Hue) -> Palette:
    ground = hue.mixed(_LIGHT)
    surfaces = [ground[name] for name in SURFACES]
    texts = _walked(hue, _LIGHT_TEXTS, surfaces, band=ground["band"], step=-_STEP)
    primary, lightness = _walk(hue.lightness, hue.chroma, hue.hue, surfaces, PRIMARY_RATIO, -_STEP)
    if _ratio_on_all(brand, surfaces) >= PRIMARY_RATIO:
        primary = brand
    # Below this a darker hover cannot be told from the button: a nearly black brand gets a lighter one.
    target = lightness - 0.05 if lightness >= 0.2 else lightness + 0.14
    hover, _ = _walk(target, hue.chroma * 0.93, hue.hue, [ground["tint_2"]], TEXT_RATIO, -_STEP)
    return Palette(brand=brand, primary=primary, primary_hover=hover, on_primary="#ffffff", **ground, **texts)


def _dark(brand: str, hue: _Hue) -> Palette:
    ground = hue.mixed(_DARK)
    surfaces = [ground[name] for name in SURFACES]
    texts = _walked(hue, _DARK_TEXTS, surfaces, band=ground["band"], step=_STEP)
    chroma = min(hue.chroma, _DARK_CHROMA_CAP)
    primary, lightness = _walk(hue.lightness, chroma, hue.hue, surfaces, PRIMARY_RATIO_DARK, _STEP)
    target = lightness + 0.11 if lightness <= 0.88 else lightness - 0.09
    hover, _ = _walk(target, min(chroma, 0.075), hue.hue, surfaces, PRIMARY_RATIO_DARK, _STEP)
    on_primary, _ = _walk(0.19, 0.069 * math.sqrt(hue.chroma), hue.hue, [primary, hover], PRIMARY_RATIO, -_STEP)
    return Palette(brand=brand, primary=primary, primary_hover=hover, on_primary=on_primary, **ground, **texts)


def _walked(hue: _Hue, recipe: Recipe, surfaces: list[str], *, band: str, step: float) -> dict[str, str]:
    """Controls, text and muted text, walked away from the surfaces until each passes its gate."""
    gates = {"control": CONTROL_RATIO, "text": TEXT_RATIO, "muted": MUTED_RATIO}
    root = math.sqrt(hue.chroma)
    walked: dict[str, str] = {}
    for role, (lightness, k) in recipe.items():
        against = [*surfaces, band] if role == "text" else surfaces
        walked[role], _ = _walk(lightness, k * root, hue.hue, against, gates[role], step)
    return walked


def _walk(
    lightness: float, chroma: float, hue: float, against: list[str], ratio: float, step: float
) -> tuple[str, float]:
    """The first colour on the way to black or white that has the ratio on all of `against`, and its lightness."""
    while True:
        color = paint(lightness, chroma, hue)
        if _ratio_on_all(color, against) >= ratio or not 0.0 < lightness + step < 1.0:
            return color, lightness
        lightness += step


def _ratio_on_all(color: str, against: Iterable[str]) -> float:
    return min(contrast(color, other) for other in against)


def contrast(one: str, other: str) -> float:
    """WCAG 2.x contrast ratio of two `#rrggbb` colours, 1 to 21."""
    first, second = luminance(one), luminance(other)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def luminance(color: str) -> float:
    """WCAG 2.x relative luminance, 0 to 1."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
