"""The frame around each page: head, top bar, navigation, help. Built once a language and hospital, then kept.

These pieces are on every page, so they are strings that are put together here rather than templates that are rendered.
What they hold is the hospital's look, which everybody may see; the viewer's name and path are added at each request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi, get_language_info
from django.utils.translation import gettext as _

from foundation.permissions import ANONYMOUS, Viewer
from foundation.registry import NavItem, nav_items
from themes.icons import icon
from themes.queries import BrandView

MOST_KEPT = 400


def kept(brand: BrandView, key: tuple[Any, ...], make: Callable[[], SafeString]) -> SafeString:
    """A piece of the frame, made once for this brand, this language and this key."""
    full = (get_language(), *key)
    found = brand.rendered.get(full)
    if found is None:
        if len(brand.rendered) >= MOST_KEPT:
            brand.rendered.clear()
        found = brand.rendered[full] = make()
    return found


def html_attributes(brand: BrandView, viewer: Viewer) -> SafeString:
    appearance = str(viewer.extra.get("appearance", "auto"))
    chosen = f' data-appearance="{appearance}"' if appearance in {"light", "dark"} else ""
    plain = kept(brand, ("html",), lambda: _html_attributes(brand))
    return SafeString(f"{plain}{chosen}")


def _html_attributes(brand: BrandView) -> SafeString:
    direction = "rtl" if get_language_bidi() else "ltr"
    return format_html('lang="{}" dir="{}" data-motif="{}"', get_language() or "en", direction, brand.motif)


def head_links(brand: BrandView) -> SafeString:
    return kept(brand, ("head",), lambda: _head_links(brand))


def _head_links(brand: BrandView) -> SafeString:
    font = "ds/fonts/noto-sans-arabic.woff2" if get_language_bidi() else "ds/fonts/noto-sans-latin.woff2"
    return format_html(
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>\n'
        '<link rel="stylesheet" href="{}">\n<link rel="stylesheet" href="{}">\n'
        '<link rel="icon" href="{}" type="image/svg+xml">\n<link rel="manifest" href="/manifest.webmanifest">\n'
        '<meta name="theme-color" media="(prefers-color-scheme: light)" content="{}">\n'
        '<meta name="theme-color" media="(prefers-color-scheme: dark)" content="{}">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="format-detection" content="telephone=no">\n'
        '<meta name="robots" content="noindex, nofollow">\n'
        '<script defer src="{}" data-show="{}" data-hide="{}" data-shown="{}" data-hidden="{}"></script>',
        static(font), static("ds/portico.css"), brand.theme_url, brand.logo_url,
        brand.tokens.light.tint_2, brand.tokens.dark.tint_2, static("ds/portico.js"),
        _("Show"), _("Hide"), _("Your password is shown"), _("Your password is hidden"),
    )  # fmt: skip


def header(request: HttpRequest | None, brand: BrandView, *, focus: bool, languages: bool = True) -> SafeString:
    """The top bar. Before sign-in and on questions (`focus`): no navigation, the languages in a line."""
    viewer = viewer_of(request)
    mark = kept(brand, ("mark",), lambda: _mark(brand))
    navigation = tools = line = SafeString("")
    if request is None or not focus:
        tools = _language_link(request, brand)
    if request is not None and not focus:
        navigation = _navigation(request, brand, viewer)
        tools += _account_link(viewer, brand)
    if request is not None and focus and languages:
        line = _language_list(request, brand)
    inside = f'{mark}{navigation}<div class="tools">{tools}</div>'
    return SafeString(f'<header class="top"><div class="top-in">{inside}</div>{line}</header>')


def viewer_of(request: HttpRequest | None) -> Viewer:
    return getattr(request, "viewer", None) or ANONYMOUS


def _mark(brand: BrandView) -> SafeString:
    return format_html(
        '<a class="brand" href="/"><img src="{}" alt="" width="44" height="44"><span>{}</span></a>',
        brand.logo_url, brand.name,
    )  # fmt: skip


def _navigation(request: HttpRequest, brand: BrandView, viewer: Viewer) -> SafeString:
    if not viewer.verified:
        return SafeString("")
    entries = _entries(brand, viewer)
    current = _current(request.path, [address for _item, address in entries])
    return kept(brand, ("nav", viewer.roles, current), lambda: _links(entries, current))


def _entries(brand: BrandView, viewer: Viewer) -> list[tuple[NavItem, str]]:
    """What these roles see, with addresses: the same for all who have them, so it is worked out once."""
    found = brand.entries.get(viewer.roles)
    if found is None:
        items = [item for item in sorted(nav_items.values(), key=lambda item: item.order) if _sees(viewer, item)]
        found = brand.entries[viewer.roles] = [(item, reverse(item.url_name)) for item in items]
    return found


def _sees(viewer: Viewer, item: NavItem) -> bool:
    return bool(viewer.roles & item.roles) and (not item.permission or viewer.may(item.permission))


def _current(path: str, addresses: list[str]) -> int:
    """The entry whose address is the longest beginning of the path; the home page only matches itself."""
    best = -1
    for at, address in enumerate(addresses):
        matches = path == address if address == "/" else path.startswith(address)
        if matches and (best < 0 or len(address) > len(addresses[best])):
            best = at
    return best


def _links(entries: list[tuple[NavItem, str]], current: int) -> SafeString:
    if not entries:
        return SafeString("")
    links = format_html_join(
        "",
        '<li><a href="{}"{}><span class="nav-icon">{}</span><span>{}</span></a></li>',
        (
            (address, mark_safe(' aria-current="page"') if at == current else "", icon(item.icon), item.label)
            for at, (item, address) in enumerate(entries)
        ),
    )
    return format_html('<nav class="main-nav" aria-label="{}"><ul>{}</ul></nav>', _("Main"), links)


def _language_link(request: HttpRequest | None, brand: BrandView) -> SafeString:
    if len(brand.languages) < 2:
        return SafeString("")
    before = kept(brand, ("language",), lambda: format_html('<a class="tool" href="{}', reverse("themes:language")))
    after = kept(brand, ("language name",), _language_name)
    target = "?" + urlencode({"next": request.get_full_path()}) if request is not None else ""
    return SafeString(f'{before}{escape(target)}">{after}')


def _language_name() -> SafeString:
    return format_html(
        '{}<span class="wide">{}</span><span class="unseen">{}</span></a>',
        icon("language"), native_name(get_language() or "en"), _("Change language"),
    )  # fmt: skip


def _account_link(viewer: Viewer, brand: BrandView) -> SafeString:
    if not viewer.signed_in:
        return SafeString("")
    address = kept(brand, ("account",), _account_address)
    if not address:
        return address
    name = (viewer.patient.given_name if viewer.patient else "") or viewer.actor.name
    return format_html(
        '<a class="tool tool-account" href="{}"><span class="avatar" aria-hidden="true">{}</span>'
        '<bdi class="wide">{}</bdi><span class="unseen">{}</span></a>',
        address, name[:1].upper(), name, _("Your account"),
    )  # fmt: skip


def _account_address() -> SafeString:
    try:
        return SafeString(reverse(getattr(settings, "PORTICO_ACCOUNT_URL", "accounts:account")))
    except NoReverseMatch:
        return SafeString("")


def native_name(code: str) -> str:
    """A language's name in that language, with its own capital letter."""
    if code == "ar":
        return "العربية"
    try:
        name = str(get_language_info(code)["name_local"])
    except KeyError:
        return code
    return name[:1].upper() + name[1:]


def by_native_name(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    return sorted(((code, native_name(code)) for code in codes), key=lambda entry: entry[1].casefold())


def _language_list(request: HttpRequest | None, brand: BrandView) -> SafeString:
    if request is None or len(brand.languages) < 2:
        return SafeString("")
    return language_form(request, brand, request.get_full_path(), "languages")


def language_form(request: HttpRequest, brand: BrandView, target: str, classes: str) -> SafeString:
    """One button a language. A form, not links: choosing writes a cookie, and the profile of who is signed in."""
    current = get_language() or "en"
    buttons = format_html_join(
        "",
        '<li><button type="submit" name="language" value="{}" lang="{}" dir="{}"{}>{}</button></li>',
        (
            (code, code, "rtl" if get_language_info(code)["bidi"] else "ltr",
             mark_safe(' aria-current="true"') if code == current else "", name)
            for code, name in by_native_name(brand.languages)
        ),
    )  # fmt: skip
    return format_html(
        '<form class="{}" method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="next" value="{}"><ul aria-label="{}">{}</ul></form>',
        classes, reverse("themes:language"), get_token(request), target, _("Language"), buttons,
    )  # fmt: skip


def footer(brand: BrandView) -> SafeString:
    return kept(brand, ("footer",), lambda: _footer(brand))


def _footer(brand: BrandView) -> SafeString:
    lines = [line for line in (_call(brand), _emergency(brand)) if line]
    if not lines:
        return SafeString("")
    return format_html(
        '<footer class="help"><h2>{}</h2>{}</footer>',
        _("Need help?"), format_html_join("", "<p>{}</p>", ((line,) for line in lines)),
    )  # fmt: skip


def _call(brand: BrandView) -> SafeString:
    if not brand.phone:
        return SafeString("")
    phone = format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', brand.phone_href, brand.phone)
    words = _("Call %(phone)s, %(hours)s.") if brand.hours else _("Call %(phone)s.")
    sentence = conditional_escape(words) % {"phone": phone, "hours": conditional_escape(brand.hours)}
    interpreters = conditional_escape(_("Interpreters are free.")) if brand.interpreters else ""
    return format_html("{} {}", mark_safe(sentence), interpreters)  # noqa: S308  (each part is escaped)


def _emergency(brand: BrandView) -> SafeString:
    if not brand.emergency:
        return SafeString("")
    number = format_html('<a href="tel:{0}"><bdi dir="ltr">{0}</bdi></a>', brand.emergency)
    return mark_safe(conditional_escape(_("In an emergency, call %(number)s.")) % {"number": number})  # noqa: S308  (each part is escaped)
