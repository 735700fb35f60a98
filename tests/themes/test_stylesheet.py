"""The style sheet of a brand holds typed values and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from themes.models import Corner
from themes.stylesheet import sheet_hash, stylesheet
from themes.tokens import NotAColor, derive

RULE = re.compile(
    r"^(@media (screen and )?\([a-z-]+:[a-z]+\)\{|@media screen\{)?[:a-z\[\]=(),-]+"
    r"\{(--[a-z0-9-]+:(#[0-9a-f]{6}|\d+px|var\(--[a-z-]+\));)+\}\}?$"
)


@given(st.integers(0, 0xFFFFFF), st.sampled_from(Corner.values))
def test_every_line_is_a_rule_of_custom_properties(number: int, corner: str) -> None:
    for line in stylesheet(derive(f"#{number:06x}"), corner).splitlines():
        assert RULE.match(line), line


@pytest.mark.security("S69")
def test_a_value_that_is_no_color_never_reaches_the_sheet() -> None:
    tokens = derive("#0b6168")
    hostile = replace(tokens, light=replace(tokens.light, bg="red;}body{display:none"))
    with pytest.raises(NotAColor):
        stylesheet(hostile, "soft")


def test_a_corner_that_is_not_on_the_list_is_refused() -> None:
    with pytest.raises(KeyError):
        stylesheet(derive("#0b6168"), "0;}body{display:none")


def test_the_same_look_has_another_name_in_another_hospital() -> None:
    css = stylesheet(derive("#0b6168"), "soft")
    assert sheet_hash("h_mercy", css) != sheet_hash("h_riverside", css)
    assert sheet_hash("h_mercy", css) == sheet_hash("h_mercy", css)
