"""What every template knows: the hospital's brand, and where its style sheet is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from themes.queries import brand_of, portico_brand


def brand(request: HttpRequest) -> dict[str, Any]:
    hospital = getattr(request, "hospital", None)
    view = portico_brand() if hospital is None else brand_of(hospital)
    return {"brand": view, "theme_url": view.theme_url}
