"""Logos: SVG as hospitals send it, brought down to shapes and colours by an allowlist.

What could run, load or overlay anything (scripts, handlers, style, foreign objects, references to other files) is
refused with a sentence; what drawing programs leave behind (metadata, comments, their own namespaces) is dropped.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from lxml import etree

from foundation.errors import Refusal

SVG = "http://www.w3.org/2000/svg"
MOST_BYTES = 64 * 1024
MOST_ELEMENTS = 500
SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
ELEMENTS = SHAPES | {"svg", "g", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "title", "desc"}
DROPPED = frozenset({"metadata"})
ATTRIBUTES = frozenset(
    [
        "viewBox",
        "id",
        "d",
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "fx",
        "fy",
        "width",
        "height",
        "points",
        "transform",
        "fill",
        "fill-rule",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-opacity",
        "opacity",
        "clip-path",
        "clip-rule",
        "offset",
        "stop-color",
        "stop-opacity",
        "gradientUnits",
        "gradientTransform",
        "spreadMethod",
        "clipPathUnits",
    ]
)
SILENTLY_DROPPED = re.compile(r"^(version|xml:.*|data-[\w-]+|aria-[\w-]+|role|preserveAspectRatio|enable-background)\Z")
# Paint, numbers, lists of numbers, transforms, and references inside the file. No colon: no address of any kind.
VALUE = re.compile(r"^(?:[\w\s.,#()%+-]*|url\(#[\w-]+\))\Z", re.ASCII)


class LogoRefused(Refusal):
    """The file is not a drawing that we can show safely."""

    code = "logo_refused"


def clean_svg(source: str | bytes) -> str:
    """The drawing as SVG text that holds nothing but shapes and colours. Raises LogoRefused."""
    data = source.encode() if isinstance(source, str) else source
    if len(data) > MOST_BYTES:
        raise LogoRefused(_("The logo file is larger than 64 KB. Save a simpler drawing."))
    root = _parsed(data)
    if root.tag != f"{{{SVG}}}svg" or not root.get("viewBox"):
        raise LogoRefused(_("The logo file is not an SVG drawing with a viewBox."))
    if sum(1 for _each in root.iter()) > MOST_ELEMENTS:
        raise LogoRefused(_("The logo has more than 500 parts. Save a simpler drawing."))
    cleaned = _cleaned(root)
    return etree.tostring(cleaned, encoding="unicode")


def _parsed(data: bytes) -> etree._Element:
    if b"<!ENTITY" in data or (b"<!DOCTYPE" in data[:4096] and b"[" in data.split(b">", 2)[0]):
        raise LogoRefused(_("The logo file holds entities, which are not allowed."))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True,
        remove_comments=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as problem:
        raise LogoRefused(_("The logo file is not an SVG drawing that can be read.")) from problem


def _cleaned(element: etree._Element) -> etree._Element:
    name = etree.QName(element).localname
    if name not in ELEMENTS:
        raise LogoRefused(_("The logo holds “%(name)s”, which is not allowed. Use shapes only.") % {"name": name[:40]})
    # From text, so that the namespace stays the default one and no prefix is written.
    kept = etree.fromstring(f'<{name} xmlns="{SVG}"/>')
    for key, value in element.attrib.items():
        attribute = _attribute(str(key), str(value))
        if attribute is not None:
            kept.set(*attribute)
    if name in {"title", "desc"}:
        kept.text = (element.text or "")[:200]
    for child in element:
        if isinstance(child.tag, str) and _is_drawing(child):
            kept.append(_cleaned(child))
    return kept


def _is_drawing(child: etree._Element) -> bool:
    name = etree.QName(child)
    return name.namespace == SVG and name.localname not in DROPPED


def _attribute(key: str, value: str) -> tuple[str, str] | None:
    """The attribute to keep, None for what is dropped. Raises LogoRefused for what could do something."""
    if key.startswith("{"):
        if key.endswith("}href"):
            raise LogoRefused(_("The logo points to another file, which is not allowed."))
        return None
    if key in ATTRIBUTES:
        if not VALUE.match(value) or "javascript" in value.lower():
            raise LogoRefused(_("The logo holds a value that is not allowed in “%(name)s”.") % {"name": key})
        return key, value
    if SILENTLY_DROPPED.match(key):
        return None
    raise LogoRefused(_("The logo holds “%(name)s”, which is not allowed. Use shapes only.") % {"name": key[:40]})
