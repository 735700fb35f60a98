"""The distribution's packages, where we may install them."""

import os
import shutil
import subprocess


def install(name: str) -> None:
    """As root on Debian and its kin: apt-get. Elsewhere nothing: whoever needs it says what to install."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempt(["apt-get", "update", "-qq"])
        attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", name])


def attempt(command: list[str]) -> None:
    """Its failure is no news: what counts is whether the program is there afterwards."""
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    try:
        subprocess.run(command, check=False, capture_output=True, env=quiet, timeout=300)
    except (OSError, subprocess.TimeoutExpired):
        return
