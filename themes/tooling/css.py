"""Puts the parts of themes/css together into static/ds/portico.css: `python themes/tooling/css.py`.

Comments and needless spaces go. The result is committed; a test says when it is older than its parts.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
OUT = HERE / "static" / "ds" / "portico.css"


def together() -> str:
    text = "\n".join(part.read_text() for part in sorted((HERE / "css").glob("*.css")))
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,])\s*", r"\1", text)
    text = re.sub(r"([\w-]):\s+", r"\1:", text)
    return text.replace(";}", "}").strip() + "\n"


if __name__ == "__main__":
    OUT.write_text(together())
    print(OUT.stat().st_size, "bytes")
