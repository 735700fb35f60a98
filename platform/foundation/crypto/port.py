"""What a key store must do. It holds one key a hospital and never gives it away: it wraps and unwraps data keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Context:
    """What a data key is for. It is bound into the wrapped key, which opens for nothing else."""

    hospital: str
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class NewDataKey:
    """256 random bits, and the same under the hospital's key."""

    plaintext: bytes = field(repr=False)
    wrapped: bytes


class KeyState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class KeyDescription:
    """What may be said of a hospital's key. `hospital` is the name of its schema."""

    id: str
    name: str
    hospital: str
    state: KeyState
    created_at: datetime
    versions: int


class KeyStoreError(Exception):
    """The store did not do it. `code` is for logs; permanent: asking again gives the same answer."""

    def __init__(self, code: str, words: str, *, permanent: bool) -> None:
        self.code, self.permanent = code, permanent
        super().__init__(words)


class KeyStore(Protocol):
    """Every method may raise KeyStoreError. All are safe to call from several processes at once."""

    kind: str

    def create(self, name: str, *, hospital: str) -> str:
        """The id of the key of this name: made now, or the one that is there already and not destroyed.

        So a transaction that made a key and was rolled back finds it again, and leaves none behind.
        """
        ...

    def data_key(self, key_id: str, context: Context) -> NewDataKey: ...

    def unwrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes: ...

    def rewrap(self, key_id: str, wrapped: bytes, context: Context) -> bytes:
        """The same data key, wrapped with the newest version of the hospital's key."""
        ...

    def rotate(self, key_id: str) -> None:
        """A new version, which wraps from now on. What older ones wrapped still opens."""
        ...

    def destroy(self, key_id: str) -> None:
        """Ends the key for good. Destroying it again changes nothing."""
        ...

    def describe(self, key_id: str) -> KeyDescription: ...

    def known(self) -> list[KeyDescription]:
        """Every key of this installation, the destroyed ones that are still known too."""
        ...
