"""Says for each part whether all is well, and what is not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from tests.architecture.supply import licences, locks, sbom, secrets

PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "Each locked requirement has its hashes, and no lock names a place": locks.problems,
    "Each licence of the deployment is on the list or looked at": licences.problems,
    "var/sbom.json lists what is locked": sbom.problems,
    "No secret lies in the repository": secrets.problems,
}


def main() -> int:
    failed = False
    for says, problems in PARTS.items():
        found = list(problems())
        failed = failed or bool(found)
        print(f"{'NOT SO: ' if found else ''}{says}")
        print("".join(f"  {problem}\n" for problem in found), end="")
    if failed:
        print("What is right after a look is put, with the reason, into requirements/reviewed.toml.")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
