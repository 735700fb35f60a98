"""What `make check` says about what is installed, and that it would say so: each part meets something planted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from email.message import Message
from importlib.metadata import PackageMetadata
from pathlib import Path
from typing import Any, cast

import pytest

from tests.architecture.supply import ROOT, licences, locks, reviewed, sbom, secrets

ALLOWED = frozenset({"MIT", "BSD-3-Clause", "Apache-2.0"})


@pytest.mark.security("S75")
def test_every_locked_requirement_has_its_hashes_and_no_lock_names_a_place() -> None:
    assert not list(locks.problems())
    for name in locks.LOCKS:
        assert len(locks.locked(locks.lock(name).read_text())) == len(
            re.findall(r"^[a-z][\w.-]*(\[.*?\])?==", locks.lock(name).read_text(), re.MULTILINE)
        )


@pytest.mark.security("S75")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("django==6.1 \\\n    # via x\n", "django 6.1 has no hash"),
        ("--index-url https://mirror.example/simple\n", "neither a locked requirement nor a hash"),
        ("# from https://mirror.example/\n", "names a place"),
        ("django>=6\n", "neither a locked requirement nor a hash"),
        ("x @ git+https://example.org/x\n", "neither a locked requirement nor a hash"),
        ("django==6.1 \\\n    --hash=md5:abc\n", "neither a locked requirement nor a hash"),
    ],
)
def test_a_lock_with_something_planted_is_refused(text: str, says: str) -> None:
    assert says in " ".join(locks.wrong(text))


@pytest.mark.security("S75")
def test_the_installation_asks_for_the_hashes() -> None:
    runner = (ROOT / "platform" / "config" / "runner" / "install.py").read_text()
    assert runner.count('"--require-hashes"') == 2
    assert "--require-hashes -r requirements/base.txt" in (ROOT / "docs" / "operations.md").read_text()


@pytest.mark.security("S75")
def test_each_licence_is_on_the_list_or_has_its_reason() -> None:
    assert not list(licences.problems())


def package(**said: str) -> PackageMetadata:
    about = Message()
    for name, value in said.items():
        about[name.replace("_", "-")] = value
    return cast(PackageMetadata, about)


@pytest.mark.security("S75")
@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ({"License_Expression": "Apache-2.0 OR BSD-3-Clause"}, "Apache-2.0 OR BSD-3-Clause"),
        ({"License": "BSD"}, "BSD-3-Clause"),
        ({"License": "Dual License", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: GNU Affero General Public License v3"}, ""),
        ({"License": "see LICENSE"}, ""),
        ({}, ""),
    ],
)
def test_a_licence_is_read_from_what_the_package_says(said: dict[str, str], expression: str) -> None:
    assert licences.licence_of(package(**said)) == expression


@pytest.mark.security("S75")
@pytest.mark.parametrize(
    ("expression", "exceptions", "says"),
    [
        ("AGPL-3.0-only", {}, "planted is under AGPL-3.0-only"),
        ("MIT AND GPL-3.0-or-later", {}, "planted is under"),
        ("", {}, "planted does not say its licence clearly"),
        ("", {"planted": {"licence": "MIT", "why": ""}}, "says why"),
        ("MIT", {"planted": {"licence": "MIT", "why": "x"}}, "not needed any more"),
        ("MIT", {"gone": {"licence": "MIT", "why": "x"}}, "gone: an exception for a package that is not locked"),
    ],
)
def test_a_licence_that_nobody_looked_at_is_refused_by_the_packages_name(
    expression: str, exceptions: dict[str, dict[str, str]], says: str
) -> None:
    assert says in " ".join(licences.wrong({"planted": expression}, ALLOWED, exceptions))


@pytest.mark.security("S75")
def test_one_of_two_licences_at_choice_is_enough() -> None:
    assert not list(licences.wrong({"planted": "GPL-2.0-only OR MIT"}, ALLOWED, {}))


@pytest.mark.security("S75")
def test_the_list_of_what_is_installed_is_valid_and_is_the_lock() -> None:
    listed = sbom.made()
    requirements = locks.locked(locks.lock("base").read_text())
    assert not list(sbom.wrong(listed, requirements))
    assert all(component["licenses"][0]["expression"] for component in listed["components"])
    assert "://" not in json.dumps(listed["components"])
    less = {**listed, "components": listed["components"][1:]}
    assert "is locked and not listed" in " ".join(sbom.wrong(less, requirements))
    broken = {**listed, "components": [{**listed["components"][0], "type": "wheel"}, *listed["components"][1:]]}
    assert "not valid CycloneDX" in " ".join(sbom.wrong(broken, requirements))


PLANTED = {
    "aws.py": 'key = "AKIA' + 'IOSFODNN7ABCDEFG"\n',
    "key.pem": "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n",
    "settings.py": 'SECRET_KEY = "' + "q8Zk2Lw9vX" + "r4Tn7Bc1Ys" + '6Md3Fg5Hj0Ke"\n',
    "stripe.txt": "sk_live_" + "4eC39HqLyjWD" + "arjtT1zdp7dc\n",
    "token.txt": "ghp_" + "wWPw5k4aXcaT" + "4fNP0UcnZwJU" + "VFk6LO0pINUx\n",
}


@pytest.mark.security("S75")
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "ROOT", tmp_path)
    (tmp_path / name).write_text(PLANTED[name])
    seen = secrets.seen_in([name])
    assert seen
    assert PLANTED[name].strip() not in str(seen)
    said = list(secrets.wrong(seen, []))
    assert said[0].startswith(f"{name}:1: ")
    known = [{"file": each.file, "hash": each.hash, "why": "planted"} for each in seen]
    assert not list(secrets.wrong(seen, known))
    assert "is not needed any more" in " ".join(secrets.wrong([], known))


@pytest.mark.security("S75")
def test_every_exception_says_why() -> None:
    known = reviewed()
    assert all(each["why"] for each in known["secrets"]["known"])
    assert all(each["why"] and each["licence"] for each in known["licences"]["exceptions"].values())


UNSAFE = {
    "shell.py": "import subprocess\nsubprocess.run('ls ' + name, shell=True)\n",
    "load.py": "import yaml\nyaml.load(text)\n",
    "tls.py": "import requests\nrequests.get(url, verify=False, timeout=1)\n",
    "objects.py": "import pickle\npickle.loads(text)\n",
    "path.py": "import tempfile\ntempfile.mktemp()\n",
    "xml.py": "import xml.etree.ElementTree as tree\ntree.fromstring(text)\n",
}


@pytest.mark.security("S75")
def test_bandit_finds_what_is_planted(tmp_path: Path) -> None:
    for name, text in UNSAFE.items():
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "bandit", "-q", "-f", "json", "-r", "-c", "pyproject.toml", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = {Path(result["filename"]).name for result in json.loads(done.stdout)["results"]}
    assert found == set(UNSAFE)


TWINS = {"B101": "", "B105": "S105", "B308": "S308", "B311": "S311", "B324": "S324", "B404": "S404", "B603": "S603",
         "B606": "S606", "B607": "S607", "B608": "S608", "B703": "S308"}  # fmt: skip


@pytest.mark.security("S75")
def test_what_bandit_leaves_out_ruff_looks_at() -> None:
    configured: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert set(configured["bandit"]["skips"]) == set(TWINS)
    assert "S" in configured["ruff"]["lint"]["select"]
    assert not {twin for twin in TWINS.values() if twin} & set(configured["ruff"]["lint"]["ignore"])


@pytest.mark.security("S75")
def test_each_exception_from_a_security_rule_says_why_on_its_line() -> None:
    """Or on a line before, for the several lines of one reason."""
    silent = []
    for top in ("platform", "tenants", "themes", "cms"):
        for file in sorted((ROOT / top).rglob("*.py")):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                exempt = re.search(r"#\s*(?:noqa: [A-Z0-9, ]*\bS\d+|nosec)[A-Z0-9, ]*(.*)$", line)
                if exempt and len(exempt[1].strip(" #()")) < 8:
                    silent.append(f"{file.relative_to(ROOT)}:{number}")
    assert not silent, "\n".join(silent)


@pytest.mark.security("S75")
def test_make_check_runs_all_of_it() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    for part in ("ruff check", "mypy", "lint-imports", "bandit", "tests.architecture.supply", "check-deployment"):
        assert part in recipe
