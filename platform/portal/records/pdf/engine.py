"""WeasyPrint, kept on a short lead: no network, only the design system's own fonts, tagged PDF/UA."""

from ctypes.util import find_library
from functools import cache  # noqa: TID251  (whether a library is installed: nothing of a hospital)
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from portal.records.pdf.fonts import faces

VARIANT = "pdf/ua-1"


@cache
def is_available() -> bool:
    """Whether this machine has pango, which no wheel brings."""
    return find_library("pango-1.0") is not None or find_library("pango-1.0-0") is not None


class Press:
    """Lays out a document part by part, then binds the parts into one. Use it in a `with` statement."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.parts: list[Any] = []
        self.pages = 0

    def __enter__(self) -> Self:
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration

        self.folder = TemporaryDirectory(prefix="portico-fonts-")
        self.fetcher = _own_files_only(Path(self.folder.name))
        self.fonts = FontConfiguration()
        text = f"{faces(Path(self.folder.name))}\n{self.style}"
        self.sheet = CSS(string=text, font_config=self.fonts, url_fetcher=self.fetcher)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.folder.cleanup()

    def lay_out(self, html: str) -> None:
        """The slow step. Page numbers go on where the last part ended."""
        from weasyprint import CSS, HTML

        number = CSS(string=f"@page:first {{ counter-reset: page {self.pages}; counter-increment: page 1; }}")
        part = HTML(string=html, url_fetcher=self.fetcher).render(
            stylesheets=[self.sheet, number], font_config=self.fonts, pdf_variant=VARIANT, pdf_tags=True
        )
        self.parts.append(part)
        self.pages += len(part.pages)

    def bind(self) -> bytes:
        pages = [page for part in self.parts for page in part.pages]
        made: bytes = self.parts[0].copy(pages).write_pdf(pdf_variant=VARIANT, pdf_tags=True)
        return made


def _own_files_only(folder: Path) -> Any:
    from weasyprint.urls import URLFetcher

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
        """Nothing is fetched but our fonts: no text of a record can make us ask anybody anything."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith(f"{folder.as_uri()}/"):
                raise ValueError("Only our own fonts are read.")
            return super().fetch(url, headers)

    return OwnFilesOnly(allowed_protocols={"file"})
