"""Any brand colour becomes roles that people can read, in both schemes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from themes.tokens import (
    CONTROL_RATIO,
    MUTED_RATIO,
    PRIMARY_RATIO,
    PRIMARY_RATIO_DARK,
    TEXT_RATIO,
    NotAColor,
    Palette,
    Tokens,
    contrast,
    derive,
    hex_color,
)

STATUS_LIGHT = {"#ab1230": "#fdeef0", "#7d4a00": "#fff4de", "#1b6637": "#e9f6ec"}
STATUS_DARK = {"#ffb4bb": "#3b181e", "#f3c56a": "#33280f", "#93dba9": "#132c1c"}
colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def passes(palette: Palette, primary_ratio: float, status: dict[str, str]) -> None:
    for surface in palette.surfaces():
        assert contrast(palette.text, surface) >= TEXT_RATIO
        assert contrast(palette.muted, surface) >= MUTED_RATIO
        assert contrast(palette.primary, surface) >= primary_ratio
        assert contrast(palette.primary_hover, surface) >= PRIMARY_RATIO
        assert contrast(palette.control, surface) >= CONTROL_RATIO
    assert contrast(palette.text, palette.band) >= TEXT_RATIO
    assert contrast(palette.primary_hover, palette.tint_2) >= PRIMARY_RATIO
    assert contrast(palette.on_primary, palette.primary) >= PRIMARY_RATIO
    assert contrast(palette.on_primary, palette.primary_hover) >= PRIMARY_RATIO
    for ink, ground in status.items():
        for surface in (palette.bg, palette.surface, palette.tint, ground):
            assert contrast(ink, surface) >= 4.5
        assert contrast(palette.text, ground) >= TEXT_RATIO


@given(colors)
def test_any_color_passes_every_gate_in_both_schemes(color: str) -> None:
    tokens = derive(color)
    passes(tokens.light, PRIMARY_RATIO, STATUS_LIGHT)
    passes(tokens.dark, PRIMARY_RATIO_DARK, STATUS_DARK)


@pytest.mark.parametrize(
    "color", ["#ffffff", "#000000", "#ffff00", "#00ffff", "#ff00ff", "#0000ff", "#ff0000", "#00ff00"]
)
def test_the_corners_of_the_color_space_pass_too(color: str) -> None:
    tokens = derive(color)
    passes(tokens.light, PRIMARY_RATIO, STATUS_LIGHT)
    passes(tokens.dark, PRIMARY_RATIO_DARK, STATUS_DARK)


@given(colors)
def test_a_hover_is_not_the_color_at_rest(color: str) -> None:
    tokens = derive(color)
    assert tokens.light.primary != tokens.light.primary_hover
    assert tokens.dark.primary != tokens.dark.primary_hover


def test_a_readable_brand_color_is_used_as_it_is() -> None:
    assert derive("#0b6168").light.primary == "#0b6168"


def test_a_pale_brand_color_is_kept_for_decoration_and_darkened_for_text() -> None:
    light = derive("#f2693c").light
    assert light.brand == "#f2693c"
    assert light.primary == "#b23700"


@given(colors)
def test_tokens_survive_their_json(color: str) -> None:
    tokens = derive(color)
    assert Tokens.read(tokens.as_json()) == tokens


@pytest.mark.parametrize(
    "hostile",
    [
        "red", "#fff", "#0b61681", "0b6168", "#0b616g", " #0b6168", "#0b6168\n", "#0b6168;", "", None, 7,
        "red;}input[value^=a]{background:url(//x)}", "</style><script>alert(1)</script>", "@import url(//x)",
        "expression(alert(1))", "{{ settings.SECRET_KEY }}", "#０b6168", "url(//x)", "#0b6168/*", "position:fixed",
    ],
)  # fmt: skip
def test_what_is_no_color_is_refused(hostile: object) -> None:
    with pytest.raises(NotAColor):
        hex_color(hostile)
