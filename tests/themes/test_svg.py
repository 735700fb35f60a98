"""Logos become shapes and colours, or are refused with a sentence."""

from __future__ import annotations

import pytest

from themes.samples import MERCY_SYMBOL, RIVERSIDE_SYMBOL
from themes.svg import MOST_BYTES, LogoRefused, clean_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 8 8">'


@pytest.mark.parametrize("drawing", [MERCY_SYMBOL, RIVERSIDE_SYMBOL])
def test_a_plain_drawing_comes_through_unchanged(drawing: str) -> None:
    assert clean_svg(drawing) == drawing


def test_what_drawing_programs_leave_behind_is_dropped() -> None:
    source = (
        '<?xml version="1.0"?><!-- made with a program -->'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/namespaces/inkscape" version="1.1"'
        ' viewBox="0 0 8 8" i:version="1.3"><metadata><x/></metadata><i:grid/><path i:label="a" d="M0 0h8"/></svg>'
    )
    assert clean_svg(source) == '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8"/></svg>'


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<style>*{background:url(//x)}</style>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
        "<image href='https://evil.example/x.png'/>",
        "<image xlink:href='https://evil.example/x.png'/>",
        "<use xlink:href='https://evil.example/x.svg#a'/>",
        "<path d='M0 0' xlink:href='https://evil.example'/>",
        "<a href='javascript:alert(1)'><path d='M0 0'/></a>",
        "<path d='M0 0' onload='alert(1)'/>",
        "<path d='M0 0' onclick='alert(1)'/>",
        "<path d='M0 0' style='background:url(//x)'/>",
        "<path d='M0 0' class='x'/>",
        "<path d='M0 0' fill='url(https://evil.example/#a)'/>",
        "<path d='M0 0' fill='url(//evil.example)'/>",
        "<path d='M0 0' fill='javascript:alert(1)'/>",
        "<path d='M0 0' clip-path='url(data:image/svg+xml,x)'/>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<set attributeName='onload' to='alert(1)'/>",
        "<filter id='a'/>",
        "<text>words</text>",
    ],
)
@pytest.mark.security("S69")
def test_what_could_run_load_or_overlay_is_refused(inside: str) -> None:
    with pytest.raises(LogoRefused):
        clean_svg(f"{HEAD}{inside}</svg>")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "no drawing",
        "<html></html>",
        "<svg viewBox='0 0 8 8'/>",
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + HEAD + "<desc>&x;</desc></svg>",
        "<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>" + HEAD + "<desc>&b;</desc></svg>",
        HEAD + "<path d='M0 0'/>" * 600 + "</svg>",
        HEAD + " " * MOST_BYTES + "</svg>",
        HEAD + "<g>" * 3000 + "</g>" * 3000 + "</svg>",
    ],
)
def test_what_is_no_small_drawing_is_refused(source: str) -> None:
    with pytest.raises(LogoRefused):
        clean_svg(source)


@pytest.mark.security("S69")
def test_a_handler_in_another_namespace_does_not_come_through() -> None:
    source = f"{HEAD.replace('xmlns:xlink', 'xmlns:h')}<h:script>alert(1)</h:script><path d='M0 0'/></svg>"
    assert "script" not in clean_svg(source)
