"""Keys in a folder of their own, one file a hospital: for one machine, the demo and the tests.

The folder lies outside the database and its backups, and is open to its owner alone. Several processes of one machine
may share it. Destroying a key overwrites its file before it is removed; what a file system or a backup keeps of it
beside that is out of reach (docs/keys.md).
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation import clock
from foundation.crypto.port import Context, KeyDescription, KeyState, KeyStoreError, NewDataKey

KEY_BYTES, NONCE = 32, 12
ID = re.compile(r"^[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class _Key:
    """A key as its file holds it; the newest version stands last. A destroyed one has none."""

    id: str
    name: str
    hospital: str
    created_at: str
    versions: tuple[bytes, ...] = field(repr=False)

    def described(self) -> KeyDescription:
        state = KeyState.ACTIVE if self.versions else KeyState.DESTROYED
        made = datetime.fromisoformat(self.created_at)
        return KeyDescription(self.id, self.name, self.hospital, state, made, len(self.versions))

    def text(self) -> str:
        versions = [base64.b64encode(key).decode() for key in self.versions]
        return json.dumps({"id": self.id, "name": self.name, "hospital": self.hospital, "created_at": self.created_at,
                           "versions": versions})  # fmt: skip


class KeyFiles:
    kind = "file"

    def __init__(self, place: str, *, installation: str = "") -> None:
        del installation  # the folder is one installation's
        self.folder = Path(place)

    def create(self, name: str, *, hospital: str) -> str:
        with self._locked(make=True):
            for key in self._all():
                if key.name == name and key.versions:
                    return key.id
            made = _Key(secrets.token_hex(16), name, hospital, clock.now().isoformat(), (os.urandom(KEY_BYTES),))
            self._write(made)
            return made.id

    def data_key(self, key_id: str, context: Context) -> NewDataKey:
        plaintext = os.urandom(KEY_BYTES)
        return NewDataKey(plaintext, _wrap(self._usable(key_id), plaintext, context))

    def unwrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes:
        key = self._usable(key_id)
        try:
            number = int.from_bytes(wrapped[:2])
            nonce, box = wrapped[2 : 2 + NONCE], wrapped[2 + NONCE :]
            return AESGCM(key.versions[number - 1]).decrypt(nonce, box, _bound(key_id, context))
        except (InvalidTag, ValueError, IndexError) as error:
            raise KeyStoreError("not_ours", "The wrapped key does not open for this.", permanent=True) from error

    def rewrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes:
        return _wrap(self._usable(key_id), self.unwrap(key_id, wrapped, context), context)

    def rotate(self, key_id: str) -> None:
        with self._locked():
            key = self._usable(key_id)
            versions = (*key.versions, os.urandom(KEY_BYTES))
            self._write(_Key(key.id, key.name, key.hospital, key.created_at, versions))

    def destroy(self, key_id: str) -> None:
        with self._locked():
            key = self._read(key_id)
            if not key.versions:
                return
            file = self._file(key_id)
            with file.open("r+b", buffering=0) as open_file:
                open_file.write(os.urandom(file.stat().st_size))
                os.fsync(open_file.fileno())
            file.unlink()
            self._write(_Key(key.id, key.name, key.hospital, key.created_at, ()))

    def describe(self, key_id: str) -> KeyDescription:
        return self._read(key_id).described()

    def known(self) -> list[KeyDescription]:
        return sorted((key.described() for key in self._all()), key=lambda key: (key.hospital, key.created_at))

    def _usable(self, key_id: str) -> _Key:
        key = self._read(key_id)
        if not key.versions:
            raise KeyStoreError("destroyed", "This key was destroyed.", permanent=True)
        return key

    def _file(self, key_id: str) -> Path:
        if not ID.match(key_id):
            raise KeyStoreError("unknown", "This is not the id of a key file.", permanent=True)
        return self.folder / f"{key_id}.key"

    def _read(self, key_id: str) -> _Key:
        return _read(self._file(key_id))

    def _all(self) -> list[_Key]:
        return [_read(file) for file in self.folder.glob("*.key") if ID.match(file.stem)]

    def _write(self, key: _Key) -> None:
        """Beside, to the disk, then renamed: a reader sees the old key or the new one, never half of one."""
        file = self._file(key.id)
        beside = file.with_suffix(f".{secrets.token_hex(4)}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(key.text())
            out.flush()
            os.fsync(out.fileno())
        beside.rename(file)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _locked(self, *, make: bool = False) -> Iterator[None]:
        """One process at a time writes here. A folder that is away is made for a first key, and for nothing else."""
        try:
            if make:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise KeyStoreError("folder", "The folder of the keys cannot be written.", permanent=False) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise KeyStoreError("folder", "The folder of the keys cannot be written.", permanent=False) from error
        finally:
            os.close(lock)


def _read(file: Path) -> _Key:
    try:
        with file.open() as opened:
            if os.fstat(opened.fileno()).st_mode & 0o077:
                raise KeyStoreError("open_to_others", "A key file is open to others. Make it 0600.", permanent=False)
            said = json.load(opened)
        versions = tuple(base64.b64decode(text) for text in said["versions"])
        return _Key(said["id"], said["name"], said["hospital"], said["created_at"], versions)
    except FileNotFoundError as error:
        there = file.parent.is_dir()  # a folder that is not mounted may come back
        code = "unknown" if there else "folder"
        raise KeyStoreError(code, "There is no such key in the folder of the keys.", permanent=there) from error
    except (OSError, ValueError, KeyError) as error:
        raise KeyStoreError("unreadable", "A key file cannot be read.", permanent=False) from error


def _bound(key_id: str, context: Context) -> bytes:
    return "\x1f".join((key_id, context.hospital, context.table, context.column)).encode()


def _wrap(key: _Key, plaintext: bytes, context: Context) -> bytes:
    nonce = os.urandom(NONCE)
    number = len(key.versions).to_bytes(2)
    return number + nonce + AESGCM(key.versions[-1]).encrypt(nonce, plaintext, _bound(key.id, context))
