"""A clone that is nobody's, and a waiter that listens."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.runner.environment import Places, make_folders, places
from config.runner.signals import Waiter


@contextmanager
def clone() -> Iterator[Places]:
    """A clone in a folder that only its owner enters, as a home is.

    It does not lie in pytest's own folder: the account that runs root's servers could not pass through that.
    """
    folder = Path(tempfile.mkdtemp(prefix="portico-", dir="/tmp"))  # a short path, for the sockets
    folder.chmod(0o711)
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "portico").mkdir()
    found = places(home / "portico", folder / "state")
    make_folders(found)
    yield found
    shutil.rmtree(folder)


@pytest.fixture
def where() -> Iterator[Places]:
    with clone() as found:
        yield found


@pytest.fixture(scope="module")
def made_once() -> Iterator[Places]:
    """For tests that start a database in it: making one takes a second, starting one does not."""
    with clone() as found:
        yield found


@pytest.fixture
def waiter() -> Iterator[Waiter]:
    with Waiter(parent=os.getppid).listening() as listening:
        yield listening
