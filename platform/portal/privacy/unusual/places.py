"""Where a network address is: a local database in MaxMind's format, if the deployment has one. Nobody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from django.conf import settings

from portal.privacy.unusual.ground import Place

UNSET = "no_database"
UNREADABLE = "unreadable_database"
DEFAULT_RADIUS_KM = 100.0


class PlacesOff(LookupError):
    """There is no database of places. `code` says why: UNSET or UNREADABLE."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Places(Protocol):
    """Finds the place of an address; None where it is not known."""

    def place(self, address: str) -> Place | None: ...


class PlacesDatabase:
    """A file of the sort of GeoLite2-City. Use it in a `with` statement. Raises PlacesOff."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> Self:
        import maxminddb

        if not self.path:
            raise PlacesOff(UNSET)
        try:
            self.reader = maxminddb.open_database(self.path)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise PlacesOff(UNREADABLE) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reader.close()

    def place(self, address: str) -> Place | None:
        try:
            found = self.reader.get(address)
        except ValueError:  # an address of the other family than the file's
            return None
        return place_of(found) if isinstance(found, dict) else None


def place_of(found: Mapping[str, Any]) -> Place | None:
    """The place in a record of such a file; None where it has no coordinates."""
    location = found.get("location")
    if not isinstance(location, dict) or not {"latitude", "longitude"} <= set(location):
        return None
    names = [found.get(part, {}).get("names", {}).get("en", "") for part in ("city", "country")]
    name = ", ".join(name for name in names if name)
    radius = float(location.get("accuracy_radius") or DEFAULT_RADIUS_KM)
    return Place(float(location["latitude"]), float(location["longitude"]), radius, name or "?")


def places_of(addresses: Iterable[str]) -> Mapping[str, Place]:
    """The places of these addresses, as far as they are known. Raises PlacesOff."""
    with PlacesDatabase(settings.PORTICO_PLACES_DB) as database:
        found = {address: database.place(address) for address in sorted(set(addresses))}
    return {address: place for address, place in found.items() if place is not None}
