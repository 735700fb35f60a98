"""The list of what a deployment installs, in CycloneDX 1.6: `var/sbom.json`, made of the lock, with licences."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.architecture.supply import ROOT
from tests.architecture.supply.licences import effective
from tests.architecture.supply.locks import Locked, lock, locked

FILE = ROOT / "var" / "sbom.json"
MAKE = (
    "-m",
    "cyclonedx_py",
    "requirements",
    "--short-PURLs",
    "--output-reproducible",
    "--no-validate",
    "--spec-version",
    "1.6",
)


def made() -> dict[str, Any]:
    """The list as JSON. What cyclonedx-py cannot know is put in: licences, and which program it is."""
    command = [sys.executable, *MAKE, "-o", "-", str(lock("base"))]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed: dict[str, Any] = json.loads(said)
    licences = effective()
    for component in listed["components"]:
        component.pop("description", None)
        component["licenses"] = [{"expression": licences[component["name"].lower()]}]
        for reference in component.get("externalReferences", []):
            reference.pop("comment", None)
            reference["url"] = component["purl"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    about = {"type": "application", "bom-ref": "portico", "name": project["name"], "version": project["version"]}
    listed.setdefault("metadata", {})["component"] = about
    listed["dependencies"] = [{"ref": "portico", "dependsOn": sorted(c["bom-ref"] for c in listed["components"])}]
    return listed


def wrong(listed: Mapping[str, Any], requirements: list[Locked]) -> Iterator[str]:
    """What is not as CycloneDX wants it, and where list and lock differ."""
    invalid = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(listed))
    if invalid:
        yield f"not valid CycloneDX 1.6: {str(invalid)[:200]}"
    named = {(str(c["name"]).lower(), str(c["version"])) for c in listed["components"]}
    wanted = {(each.name, each.version) for each in requirements}
    yield from (f"{name} {version} is locked and not listed" for name, version in sorted(wanted - named))
    yield from (f"{name} {version} is listed and not locked" for name, version in sorted(named - wanted))


def problems() -> Iterator[str]:
    listed = made()
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(listed, indent=1, sort_keys=True) + "\n")
    yield from wrong(listed, locked(lock("base").read_text()))
