"""The licences of what a deployment installs: each on the list, or looked at by a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from typing import Any

from license_expression import AND, OR, ExpressionError, get_spdx_licensing

from tests.architecture.supply import reviewed
from tests.architecture.supply.locks import Locked, lock, locked

SPDX = get_spdx_licensing()
# What packages write that is no SPDX expression.
WORDS = {
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "mit license": "MIT",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "isc license (iscl)": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "psfl": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}


def licence_of(about: PackageMetadata) -> str:
    """An SPDX expression, from the expression, the text or the classifiers; "" where the package says nothing clear."""
    for field in ("License-Expression", "License"):
        if known := _spdx(about.get(field) or ""):
            return known
    classifiers = [text for text in about.get_all("Classifier") or [] if text.startswith("License :: ")]
    named = [_spdx(text.rpartition(" :: ")[2]) for text in classifiers]
    return " AND ".join(sorted(set(named))) if named and all(named) else ""


def _spdx(text: str) -> str:
    plain = WORDS.get(text.strip().lower(), text.strip())
    if not plain or "\n" in plain:
        return ""
    try:
        parsed = SPDX.parse(plain, validate=True)
    except (ExpressionError, ValueError):
        return ""
    return str(parsed)


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Whether it can be used under licences of the list: all parts of an AND, one of an OR."""
    return _holds(SPDX.parse(expression), allowed)


def _holds(node: Any, allowed: frozenset[str]) -> bool:
    if isinstance(node, AND):
        return all(_holds(part, allowed) for part in node.args)
    if isinstance(node, OR):
        return any(_holds(part, allowed) for part in node.args)
    return str(node) in allowed


def found_of(requirements: list[Locked]) -> dict[str, str]:
    """By package: what it says of itself; "" for one that this machine does not install."""
    found = {}
    for each in requirements:
        try:
            found[each.name] = licence_of(metadata(each.name))
        except PackageNotFoundError:
            found[each.name] = ""
    return found


def wrong(
    found: Mapping[str, str], allowed: frozenset[str], exceptions: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    for name, expression in found.items():
        exception = exceptions.get(name)
        if expression and is_allowed(expression, allowed):
            if exception:
                yield f"{name}: the exception is not needed any more, the package says {expression}"
        elif not exception:
            says = (
                f"is under {expression}, which is not on the list" if expression else "does not say its licence clearly"
            )
            yield f"{name} {says}"
        elif not exception.get("licence") or not exception.get("why"):
            yield f"{name}: an exception names the licence and says why"
    yield from (f"{name}: an exception for a package that is not locked" for name in exceptions if name not in found)


def effective() -> dict[str, str]:
    """By package: the licence under which it is used."""
    exceptions = reviewed()["licences"]["exceptions"]
    found = found_of(locked(lock("base").read_text()))
    return {name: exceptions[name]["licence"] if name in exceptions else said for name, said in found.items()}


def problems() -> Iterator[str]:
    known = reviewed()["licences"]
    found = found_of(locked(lock("base").read_text()))
    yield from wrong(found, frozenset(known["allowed"]), known["exceptions"])
