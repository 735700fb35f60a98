"""Builds the icon sprite: `python themes/tooling/sprite.py <folder of the npm package lucide-static>`.

Source: lucide-static (ISC). Only the icons named here; the result is committed, so nobody needs this script to build
Portico. Names on the left are ours: they say what an icon means, and the drawing can change.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "static" / "ds" / "icons.svg"
ICONS = {
    "home": "house",
    "visits": "calendar-days",
    "messages": "message-circle",
    "records": "folder-heart",
    "more": "menu",
    "language": "languages",
    "next": "chevron-right",
    "back": "chevron-left",
    "down": "chevron-down",
    "up": "chevron-up",
    "check": "check",
    "check-circle": "circle-check",
    "clock": "clock",
    "info": "info",
    "warning": "triangle-alert",
    "error": "circle-alert",
    "task": "clipboard-check",
    "result": "flask-conical",
    "document": "file-text",
    "sign-form": "file-pen-line",
    "place": "map-pin",
    "bring": "briefcase-medical",
    "eye": "eye",
    "waiting": "hourglass",
    "book": "calendar-plus",
    "medicine": "pill",
    "write": "message-circle-plus",
    "bill": "credit-card",
    "vaccine": "syringe",
    "allergy": "flower-2",
    "condition": "stethoscope",
    "vitals": "heart-pulse",
    "procedure": "scissors",
    "team": "users",
    "person": "user",
    "account": "circle-user",
    "sign-out": "log-out",
    "key": "key-round",
    "passkey": "fingerprint-pattern",
    "phone": "phone",
    "mail": "mail-open",
    "refresh": "refresh-cw",
    "print": "printer",
    "download": "download",
    "lock": "lock",
    "shield": "shield-check",
    "code": "smartphone",
    "settings": "settings",
    "search": "search",
    "close": "x",
    "add": "plus",
    "edit": "pencil",
    "external": "external-link",
    "video": "video",
    "hospital": "hospital",
    "connection": "cable",
    "history": "history",
    "trend": "chart-line",
    "help": "circle-question-mark",
    "send": "send",
    "camera": "camera",
    "appearance": "sun-moon",
    "vendor": "landmark",
    "copy": "copy",
    "scan": "scan",
    "heart": "heart",
}


def symbol(name: str, source: Path) -> str:
    body = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(), re.DOTALL)
    if body is None:
        raise SystemExit(f"{source} is not a lucide icon")
    drawing = re.sub(r"\s*/>", "/>", re.sub(r">\s+<", "><", body.group(1).strip()))
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


if __name__ == "__main__":
    folder = Path(sys.argv[1]) / "icons"
    symbols = "".join(symbol(name, folder / f"{icon}.svg") for name, icon in sorted(ICONS.items()))
    OUT.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="2"'
        f' stroke-linecap="round" stroke-linejoin="round"><!-- lucide, ISC: see icons-LICENSE.txt -->{symbols}</svg>\n'
    )
    print(len(ICONS), "icons", OUT.stat().st_size, "bytes")
