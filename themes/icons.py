"""Icons: one sprite, drawn by reference. The names say what is meant, not what is drawn."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

SPRITE = "ds/icons.svg"
# Arrows point the reading way; clocks, phones and logos do not turn round.
MIRRORED = frozenset({"next", "back", "send", "sign-out", "external"})

# Process-wide, by name only: the drawing is the same for every hospital.
_drawn: dict[str, SafeString] = {}


def icon(name: str, extra: str = "") -> SafeString:
    """An icon without a name for screen readers: the words stand beside it."""
    key = f"{name} {extra}"
    drawn = _drawn.get(key)
    if drawn is None:
        classes = "icon" + (" icon-mirror" if name in MIRRORED else "") + (f" {extra}" if extra else "")
        drawn = _drawn[key] = format_html(
            '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
            classes, static(SPRITE), name,
        )  # fmt: skip
    return drawn
