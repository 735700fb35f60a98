"""What can stand in the way of a start, each with the sentence that says so."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import shutil
import socket
from pathlib import Path

from .errors import CannotRun

PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libgobject-2.0.so.0", "libharfbuzz-subset.so.0")
PANGO_ON_MACOS = ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libgobject-2.0.dylib", "libharfbuzz-subset.dylib")
MACOS_LIBRARIES = ("/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib")
# Which package manager is there, and the line that brings the libraries.
MENDS = {
    "apt-get": "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "dnf": "dnf install pango harfbuzz",
    "apk": "apk add pango harfbuzz-subset",
    "pacman": "pacman -S pango",
    "zypper": "zypper install libpango-1_0-0 libharfbuzz-subset0",
    "brew": "brew install pango",
}


def port(text: str | None) -> int:
    """The port that PORT asks for."""
    try:
        number = int(text or "8000")
    except ValueError:
        number = 0
    if not 0 < number < 65536:
        raise CannotRun(f"PORT is {text!r}: it has to be a whole number from 1 to 65535.")
    return number


def port_free(number: int, host: str = "127.0.0.1", *, used_by: str = "", other: int | None = None) -> None:
    """CannotRun if somebody listens there. `used_by`: which of our processes wants it; `other`: the PORT to propose."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, number))
        except OSError as problem:
            if problem.errno == errno.EACCES:
                raise CannotRun(f"Port {number} needs root. Choose one above 1024: make demo PORT=8000") from None
            wants = f", which {used_by} needs," if used_by else ""
            instead = other or (number + 1 if number < 65535 else 8000)
            raise CannotRun(
                f"Port {number}{wants} is taken by another program. Choose another one: make demo PORT={instead}"
            ) from None


def enough_disk(folder: Path, *, megabytes: int) -> None:
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(str(there)).free // 1_000_000
    if free < megabytes:
        raise CannotRun(f"The disk that holds {there} is full: {free} MB are free and {megabytes} MB are needed.")


def missing_pango() -> str | None:
    """The sentence for the person when PDF files cannot be made, or None."""
    names = PANGO_ON_MACOS if platform.system() == "Darwin" else PANGO
    if all(_loads(name) for name in names):
        return None
    known = (mend for tool, mend in MENDS.items() if shutil.which(tool))
    line = next(known, "install the libraries pango and harfbuzz")
    return f"Off: Download my record (PDF), because the library pango is missing. To mend it: {line}"


def _loads(name: str) -> bool:
    places = [name, *(f"{folder}/{name}" for folder in MACOS_LIBRARIES if name.endswith(".dylib"))]
    for place in places:
        try:
            ctypes.CDLL(place)
        except OSError:
            continue
        return True
    return False


def said_plainly(problem: OSError) -> str | None:
    """The one sentence for what the operating system refused, or None if it is not one of those a person can mend."""
    where = os.fsdecode(problem.filename) if isinstance(problem.filename, (str, bytes)) else "this folder"
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full ({where}). Free some space and start again."
    if problem.errno in (errno.EACCES, errno.EPERM):
        return f"{where} belongs to another user. Was the demo run as root here? Then: sudo make clean-demo"
    if problem.errno == errno.EROFS:
        return f"{where} is on a disk that cannot be written to."
    return None
