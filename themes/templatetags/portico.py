"""`{% load portico %}`: the design system's tags. docs/design-system.md shows each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.contrib.messages import get_messages
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from foundation.clock import today as today_in
from foundation.permissions import ANONYMOUS
from foundation.tenancy import hospital_zone
from themes import chrome, graphics, icons, moments, trends
from themes.forms import error_summary_html, field_errors
from themes.queries import BrandView

register = template.Library()

register.simple_tag(icons.icon, name="icon")
register.simple_tag(moments.moment_html, name="moment")
register.simple_tag(moments.leaf_html, name="leaf")
register.simple_tag(moments.quantity_html, name="quantity")
register.simple_tag(graphics.range_graphic, name="range_graphic")
register.simple_tag(trends.trend_graphic, name="trend_graphic")
register.filter("moment_text", moments.moment_words)
register.filter("number", moments.number_words)

SHAPES = {
    kind: SafeString(
        f'<svg class="verdict-mark" viewBox="0 0 12 11" aria-hidden="true" focusable="false"><path d="{path}"/></svg>'
    )
    for kind, path in {"above": "M6 0 12 11H0z", "below": "M6 11 0 0h12z"}.items()
}
NOTICE_ICONS = {"info": "info", "success": "check-circle", "warning": "warning", "error": "error", "debug": "info"}


def _request(context: Context) -> HttpRequest | None:
    found = context.get("request")
    return found if isinstance(found, HttpRequest) else None


def _brand(context: Context) -> BrandView:
    found = context["brand"]
    assert isinstance(found, BrandView)
    return found


@register.simple_tag(takes_context=True)
def html_attributes(context: Context) -> SafeString:
    """The attributes of `<html>`: language, direction, motif, and the viewer's choice of light or dark."""
    viewer = ANONYMOUS if context.get("plain") else chrome.viewer_of(_request(context))
    return chrome.html_attributes(_brand(context), viewer)


@register.simple_tag(takes_context=True)
def head_links(context: Context) -> SafeString:
    return chrome.head_links(_brand(context))


@register.simple_tag(takes_context=True)
def site_header(context: Context, *, focus: bool = False, languages: bool = True) -> SafeString:
    """The top of the page. On focus pages the languages stand in a line; elsewhere one link leads to them."""
    return chrome.header(_request(context), _brand(context), focus=focus, languages=languages)


@register.simple_tag(takes_context=True)
def site_footer(context: Context) -> SafeString:
    return chrome.footer(_brand(context))


@register.simple_tag(takes_context=True)
def notices(context: Context) -> SafeString:
    """What Django's messages hold: one notice each, announced by screen readers."""
    request = _request(context)
    waiting = [] if request is None or context.get("plain") else list(get_messages(request))
    return format_html_join(
        "", "{}", ((notice(str(message), kind=message.level_tag or "info", role="status"),) for message in waiting)
    )


@register.simple_tag
def notice(title: str, text: str | SafeString = "", *, kind: str = "info", role: str = "") -> SafeString:
    """A notice: kind is info, success, warning or error. The icon and the words carry it, not the colour alone."""
    return format_html(
        '<div class="notice notice-{}"{}>{}<div><p class="notice-title">{}</p>{}</div></div>',
        kind, format_html(' role="{}"', role) if role else "", icons.icon(NOTICE_ICONS.get(kind, "info")), title,
        format_html("<p>{}</p>", text) if text else "",
    )  # fmt: skip


@register.simple_tag
def tag(words: str, kind: str = "", icon: str = "") -> SafeString:
    """A small label. kind: "" (plain), new, success, warning, danger."""
    return format_html(
        '<span class="tag{}">{}{}</span>', f" tag-{kind}" if kind else "", icons.icon(icon) if icon else "", words
    )


@register.simple_tag
def back_link(href: str, words: str) -> SafeString:
    return format_html('<a class="back" href="{}">{}<span>{}</span></a>', href, icons.icon("back"), words)


@register.simple_tag
def verdict(kind: str, words: str) -> SafeString:
    """A result's verdict in words, with its shape: kind is above, below, within or unknown."""
    mark = SHAPES.get(kind, "")
    return format_html('<span class="verdict verdict-{}">{}<span>{}</span></span>', kind, mark, words)


@register.simple_tag
def progress(done: int, of: int, label: str) -> SafeString:
    """A bar that counts parts. `label` says the same in words."""
    return format_html('<progress class="progress" value="{}" max="{}" aria-label="{}"></progress>', done, of, label)


@register.simple_tag
def steps(current: int, of: int) -> SafeString:
    """The bar under "Step 2 of 5"; hidden from screen readers, which read the words."""
    parts = format_html_join("", "<span{}></span>", (
        (SafeString(' class="done"') if at < current else "",) for at in range(of)
    ))  # fmt: skip
    return format_html('<span class="steps" aria-hidden="true">{}</span>', parts)


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One field with label, help, error and control."""
    return bound.as_field_group()


@register.filter
def problems(bound: BoundField) -> list[str]:
    return field_errors(bound)


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString:
    """The box "There is a problem" with a link to each field; nothing where all is well."""
    return error_summary_html(form)


@register.simple_tag(takes_context=True)
def today(context: Context) -> SafeString:
    """This day in the hospital's zone."""
    day = today_in(hospital_zone())
    return chrome.kept(_brand(context), ("today", day), lambda: moments.moment_html(day, "date"))


@register.simple_tag(takes_context=True)
def language_choices(context: Context, target: str = "/") -> SafeString:
    """The list of languages, one button each."""
    request = _request(context)
    return (
        SafeString("") if request is None else chrome.language_form(request, _brand(context), target, "language-choice")
    )


@register.filter
def item(values: Mapping[str, Any], key: str) -> Any:
    return values.get(key, "")
