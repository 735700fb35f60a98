"""Which key store this installation uses: `PORTICO_KEYS`, such as "file:/var/lib/portico/keys" or "aws-kms:us-east-1".

An adapter is imported when it is first needed, and can be deleted with its line here.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from foundation.crypto.place import kind_and_place
from foundation.crypto.port import KeyStore

KINDS = {"file": "foundation.crypto.keyfile.KeyFiles", "aws-kms": "foundation.crypto.kms.AwsKms"}

_opened: list[tuple[str, KeyStore]] = []  # it holds no key: the way to them, the same for every hospital


def key_store() -> KeyStore:
    """The store that the settings name, opened once a process."""
    wanted: str = settings.PORTICO_KEYS
    if not _opened or _opened[0][0] != wanted:
        kind, place = kind_and_place(wanted)
        store: KeyStore = import_string(KINDS[kind])(place, installation=settings.PORTICO_BASE_HOST)
        _opened[:] = [(wanted, store)]
    return _opened[0][1]
