"""Tokens to CSS text: custom properties for light, dark and more contrast. Every value is typed; nothing is pasted."""

from __future__ import annotations

import hashlib

from themes.tokens import Palette, Tokens, hex_color

# control, card, tag
CORNERS = {"square": ("2px", "4px", "2px"), "soft": ("8px", "12px", "6px"), "round": ("16px", "22px", "999px")}
# The fixed status colours stand in ds/portico.css. Here only what a brand decides.
HASH_LENGTH = 12


def stylesheet(tokens: Tokens, corner: str, *, scope: str = ":root") -> str:
    """The style sheet of a brand; paper is always light. `scope`: ":root" or the class of the gallery's other brand."""
    control, card, tag = CORNERS[corner]
    shape = f"--radius-control:{control};--radius-card:{card};--radius-tag:{tag};"
    light, dark = _properties(tokens.light), _properties(tokens.dark)
    more = "--line:var(--control);--muted:var(--text);--control:var(--text);"
    root = ":root" if scope == ":root" else f":root {scope}"
    auto = root.replace(":root", ":root:not([data-appearance=light])", 1)
    forced = root.replace(":root", ":root[data-appearance=dark]", 1)
    return (
        f"{root}{{{shape}{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{auto}{{{dark}}}}}\n"
        f"@media screen{{{forced}{{{dark}}}}}\n"
        f"@media (prefers-contrast:more){{{root},{auto},{forced}{{{more}}}}}\n"
    )


def _properties(palette: Palette) -> str:
    return "".join(f"--{role.replace('_', '-')}:{hex_color(value)};" for role, value in palette.roles().items())


def sheet_hash(schema_name: str, text: str) -> str:
    """The name of a style sheet. It carries the schema, so that no two hospitals share one."""
    return hashlib.sha256(f"{schema_name}\0{text}".encode()).hexdigest()[:HASH_LENGTH]
