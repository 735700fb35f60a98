"""Keys, tokens and passwords in the files of the repository. Those of tests are named one by one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

from tests.architecture.supply import ROOT, reviewed


class Seen(NamedTuple):
    """Something that looks like a secret: where, of which kind, and the hash of its text."""

    file: str
    line: int
    kind: str
    hash: str


# password = "..." and user:password@host: in tests they are those of people and hosts that do not exist. Keys, tokens
# and strings without a pattern are looked for in tests too.
WORDS = frozenset({"Secret Keyword", "Basic Auth Credentials"})
# Nothing is verified over the network: no plugin is asked whether a key works.
FILTERS = [
    {"path": f"detect_secrets.filters.{name}"}
    for name in (
        "allowlist.is_line_allowlisted",
        "heuristic.is_sequential_string",
        "heuristic.is_potential_uuid",
        "heuristic.is_likely_id_string",
        "heuristic.is_templated_secret",
        "heuristic.is_prefixed_with_dollar_sign",
        "heuristic.is_indirect_reference",
        "heuristic.is_not_alphanumeric_string",
    )
]


def tracked(skip: Sequence[str]) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and not name.endswith(tuple(skip)) and (ROOT / name).is_file()]


def seen_in(files: Iterable[str]) -> list[Seen]:
    classes: dict[str, type] = get_mapping_from_secret_type_to_class()
    kinds = {plugin.__name__ for plugin in classes.values()}
    plugins = [{"name": name} for name in sorted(kinds - {"IPPublicDetector"})]
    with transient_settings({"plugins_used": plugins, "filters_used": FILTERS}):
        found = SecretsCollection(root=str(ROOT))
        found.scan_files(*files, num_processors=2)
        return sorted({Seen(file, each.line_number, each.type, each.secret_hash) for file, each in found})


def remembered(files: Sequence[str], folder: Path = ROOT / "var") -> list[Seen]:
    """As `seen_in`, which takes a second for thirty files: those that have not changed are not read again."""
    kept = folder / f"scanned-{version('detect-secrets')}.json"
    before = json.loads(kept.read_text()) if kept.exists() else {}
    hashes = {file: sha256((ROOT / file).read_bytes()).hexdigest() for file in files}
    changed = [file for file in files if before.get(file, {}).get("hash") != hashes[file]]
    fresh = seen_in(changed)
    now = {file: before[file] for file in files if file not in changed}
    now |= {file: {"hash": hashes[file], "seen": [each for each in fresh if each.file == file]} for file in changed}
    folder.mkdir(exist_ok=True)
    kept.write_text(json.dumps(now))
    return [Seen(*each) for entry in now.values() for each in entry["seen"]]


def wrong(seen: Iterable[Seen], known: Iterable[Mapping[str, str]], words_in: str = "tests/") -> Iterator[str]:
    """What is not known, and what is known and not there any more."""
    seen = [each for each in seen if each.kind not in WORDS or not each.file.startswith(words_in)]
    listed = {(each["file"], each["hash"]): each for each in known}
    for each in seen:
        if (each.file, each.hash) not in listed:
            yield f"{each.file}:{each.line}: {each.kind} (hash {each.hash})"
    there = {(each.file, each.hash) for each in seen}
    for file, hash_ in listed:
        if (file, hash_) not in there:
            yield f"{file}: the exception {hash_} is not needed any more"
    yield from (f"{each['file']}: an exception says why" for each in listed.values() if not each.get("why"))


def problems() -> Iterator[str]:
    known = reviewed()["secrets"]
    yield from wrong(remembered(tracked(known["skip"])), known["known"])
