"""The keys' tables hold nothing of anybody."""

from foundation.personal import hold_nothing

hold_nothing("crypto.RootKey", "crypto.DataKey")
