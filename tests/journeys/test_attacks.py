"""docs/attacks.md, typed into a shell: each attack on the walls does what the page says.

A block ```sh is typed as it stands, and what it prints is compared with the block after it; `…` stands for anything.
`sh setup` is typed first, `sh owner` with the provisioner's environment, `sh pgbouncer` where there is one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Portal

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
PAGE = ROOT / "docs" / "attacks.md"
BLOCK = re.compile(r"^```(?P<kind>[a-z ]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PGBOUNCER = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


@dataclass(frozen=True)
class Attack:
    """One block of commands under one heading, and what the page says that it prints."""

    number: str
    kind: str
    commands: str
    prints: str


def attacks() -> list[Attack]:
    found = []
    for section in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        number = section.partition(":")[0]
        blocks = [(match["kind"].strip(), match["text"]) for match in BLOCK.finditer(section)]
        for place, (kind, text) in enumerate(blocks):
            if kind.startswith("sh") and kind != "sh setup":
                found.append(Attack(number, kind.removeprefix("sh").strip(), text, blocks[place + 1][1]))
    return found


ATTACKS = attacks()


def typed(commands: str, env: dict[str, str], folder: Path) -> str:
    """What bash prints, in the environment that `in-demo` gives."""
    command = [sys.executable, "-m", "config.runner", "in-demo", "--", "bash", "-c", commands]
    given = {**env, "PORTICO_RUNTIME": env.get("PORTICO_RUNTIME", "yes"), "PORTICO_LOG_LEVEL": "CRITICAL"}
    if "DATABASE_ADMIN_URL" in env:
        given |= {"PORTICO_RUNTIME": "no"}
    (folder / "typed.sh").write_text(commands)
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,  # as in a terminal
    )
    return done.stdout


def as_said(said: str) -> re.Pattern[str]:
    """The page's block as a pattern: each line as it stands, `…` for anything."""
    lines = [".*".join(re.escape(part) for part in line.rstrip().split("…")) for line in said.splitlines()]
    return re.compile(r" *\n".join(lines) + r" *\n*\Z")


@pytest.fixture(scope="module")
def session(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the setup of the page has defined, as commands that define it again."""
    folder = tmp_path_factory.mktemp("attacks")
    setup = next(match["text"] for match in BLOCK.finditer(PAGE.read_text()) if match["kind"] == "sh setup")
    tell = "declare -p ALICE EVE VICTOR MERCY RIVERSIDE RESULT\ndeclare -f status"
    defined = typed(f"{setup}\n{tell}", portal.env, folder)
    for who in ("mercy/alice", "riverside/eve", "/victor"):
        portal.spent[who] = int(time.time()) // 30  # these codes are used up for the other tests
    assert "portico_session=" in defined, defined
    assert 'RESULT="/results/' in defined, defined
    return defined[defined.index("declare ") :], folder


def test_each_attack_stands_on_the_page_once() -> None:
    assert list(dict.fromkeys(attack.number for attack in ATTACKS)) == [f"S{number}" for number in range(1, 17)]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.number}{attack.kind and '-' + attack.kind}")
def test_an_attack_does_what_the_page_says(attack: Attack, portal: Portal, session: tuple[str, Path]) -> None:
    if attack.kind == "pgbouncer" and PGBOUNCER is None:
        pytest.skip("PgBouncer is not installed: apt-get install pgbouncer")
    before, folder = session
    env = portal.owner if attack.kind == "owner" else portal.env
    said = typed(f"{before}\n{attack.commands}", {**env, "HOME": os.environ.get("HOME", "/")}, folder)
    print(said)
    assert as_said(attack.prints).match(said), f"{attack.number} printed:\n{said}\nThe page says:\n{attack.prints}"
