"""Settings from the environment. What is missing or wrong stops the start with a sentence."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment and start again.")
    return default


def env_bool(name: str, default: bool = False) -> bool:
    value = env_str(name, "yes" if default else "no").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Write yes or no.")


def env_int(name: str, default: int) -> int:
    value = env_str(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}. Write a whole number.") from None


def env_years(name: str, least: int) -> int:
    """A number of years that the law does not let be less than `least`, which is also the default."""
    value = env_int(name, least)
    if value < least:
        raise ImproperlyConfigured(f"{name} is {value}. It may not be less than {least}.")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_secret(name: str, default: str | None = None, *, least: int = 32) -> str:
    """A secret, from NAME or from the file that NAME_FILE names; at least `least` characters."""
    file = os.environ.get(f"{name}_FILE", "").strip()
    value = Path(file).read_text().strip() if file else env_str(name, default)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters. It needs at least {least}.")
    return value


ANCHORS = {"s3": "PORTICO_AUDIT_ANCHOR_BUCKET", "file": "PORTICO_AUDIT_ANCHOR_FOLDER"}


def needed_by_the_anchor(kind: str) -> str:
    """What says where the store for the audit record's signed ends is: a bucket, or a folder on another machine."""
    if kind not in ANCHORS:
        raise ImproperlyConfigured(f"PORTICO_AUDIT_ANCHOR is {kind!r}. Write s3 or file.")
    return env_str(ANCHORS[kind])
