"""Secrets at rest: envelope encryption with one key a hospital, bound to where each secret stands (S58 to S60).

A hospital's own key lies in a key store outside the database (`port`): a folder of key files, or AWS KMS. It wraps data
keys, one a column, which stand wrapped in the hospital's schema; a data key seals the values. A sealed text opens only
in the schema, table, column and row for which it was sealed. docs/keys.md tells it from the outside.
"""

from foundation.crypto.errors import KeysAway, Sealed
from foundation.crypto.sealing import fingerprint, fingerprints, seal, unseal

__all__ = ["KeysAway", "Sealed", "fingerprint", "fingerprints", "seal", "unseal"]
