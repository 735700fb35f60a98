"""Finds a Chromium for the browser tests, or gets one."""

import os
import platform
import shutil
import sys
from pathlib import Path

from . import packages
from .errors import CannotRun
from .progress import say, show

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
IN_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NONE = (
    "No Chromium was found and none could be got, so the browser tests fail. Install one (Debian: apt-get install "
    "chromium), or set PORTICO_CHROMIUM to its path."
)


def run() -> int:
    """Prints the path, after getting a Chromium if there is none. It ends with 1 and the sentence if that fails."""
    found = find() or _get()
    if found is None:
        raise CannotRun(NONE)
    show(str(found))
    return 0


def path() -> Path:
    """For the tests: the Chromium of this machine, or CannotRun with the sentence that they fail with."""
    found = find()
    if found is None:
        raise CannotRun(NONE)
    return found


def find() -> Path | None:
    given = os.environ.get("PORTICO_CHROMIUM")
    if given:
        if not os.access(given, os.X_OK):
            raise CannotRun(f"PORTICO_CHROMIUM is {given}, which is no program.")
        return Path(given)
    on_path = (shutil.which(name) for name in NAMES)
    candidates = [Path(place) for place in (*on_path, *IN_APPLICATIONS) if place]
    return next((place for place in (*candidates, *_of_playwright()) if os.access(place, os.X_OK)), None)


def _of_playwright() -> list[Path]:
    """Playwright's own cache, newest build first."""
    given = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    usual = "Library/Caches/ms-playwright" if platform.system() == "Darwin" else ".cache/ms-playwright"
    cache = Path(given) if given else Path.home() / usual
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    found = [place for pattern in patterns for place in cache.glob(pattern)]
    return sorted(found, key=lambda place: int(place.relative_to(cache).parts[0].rpartition("-")[2]), reverse=True)


def _get() -> Path | None:
    """Playwright's build first, as it needs no root; else the distribution's package."""
    say("Getting a Chromium for the browser tests")
    packages.attempt([sys.executable, "-m", "playwright", "install", "chromium"])
    found = find()
    if found is None:
        packages.install("chromium")
        found = find()
    return found
