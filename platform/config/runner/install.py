"""Makes the clone's own environment: uv in `var/bootstrap`, then `.venv` with exactly what the lock names."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import checks
from .environment import CLONE
from .errors import CannotRun
from .locks import waited_for
from .progress import say

LOCK = "requirements/dev.txt"
# What changes the environment when it changes.
INPUTS = (LOCK, "requirements/bootstrap.txt", ".python-version", "pyproject.toml")
NO_VENV = "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv"
NO_PYTHON = (
    "Portico needs Python 3.12 or newer; none was found on this machine and none could be fetched. "
    "Install Python 3.13 and start again."
)


def run() -> int:
    """Brings `.venv` to the lock; a stamp makes the second time cost nothing."""
    checks.enough_disk(CLONE, megabytes=200)
    with waited_for(CLONE / "var" / "install.lock"):
        wanted, found = _stamp(CLONE), _read_stamp(CLONE)
        if wanted == found and _works(_python(CLONE)):
            return 0
        checks.enough_disk(CLONE, megabytes=2500)
        _tell(wanted, found)
        uv = _bootstrap(CLONE)
        _environment(uv, CLONE)
        _packages(uv, CLONE)
        _stamp_file(CLONE).write_text(json.dumps(wanted, indent=1) + "\n")
        say("Everything is installed")
    return 0


def _tell(wanted: dict[str, str], found: dict[str, str]) -> None:
    changed = [name for name in INPUTS if found and wanted[name] != found.get(name)]
    if changed:
        say(f"{' and '.join(changed)} changed since the last start: installing")
    else:
        say("Installing what Portico needs (once; one to four minutes)")


def _python(clone: Path) -> Path:
    return clone / ".venv" / "bin" / "python"


def _stamp_file(clone: Path) -> Path:
    return clone / "var" / "installed.json"


def _stamp(clone: Path) -> dict[str, str]:
    hashes = {name: hashlib.sha256((clone / name).read_bytes()).hexdigest() for name in INPUTS}
    return dict(hashes, clone=str(clone))  # a copied folder has another one's paths in its scripts


def _read_stamp(clone: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_stamp_file(clone).read_text())
    except (OSError, ValueError):
        return {}
    return found


def _works(python: Path) -> bool:
    """A Python whose home was removed leaves an environment of dead links."""
    try:
        return subprocess.run([str(python), "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def _bootstrap(clone: Path) -> str:
    """uv of the version that we lock, in a small environment of its own, called by its path."""
    folder = clone / "var" / "bootstrap"
    uv, lock = folder / "bin" / "uv", clone / "requirements" / "bootstrap.txt"
    copied = folder / "bootstrap.txt"
    if copied.exists() and copied.read_bytes() == lock.read_bytes() and _works_as_uv(uv):
        return str(uv)
    _need_venv()
    shutil.rmtree(str(folder), ignore_errors=True)
    _do([sys.executable, "-m", "venv", str(folder)], NO_VENV)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command = [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    if answer.returncode != 0:
        raise CannotRun(f"{answer.stderr.strip()}\nuv could not be installed (see above).")
    copied.write_bytes(lock.read_bytes())
    return str(uv)


def _works_as_uv(uv: Path) -> bool:
    try:
        return subprocess.run([str(uv), "--version"], check=False, stdout=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _need_venv() -> None:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise CannotRun(NO_VENV) from None


def _environment(uv: str, clone: Path) -> None:
    """3.13 if the machine has it (pyenv's too), else 3.12, else a 3.13 fetched, else a newer one."""
    if _works(_python(clone)) and _read_stamp(clone).get(".python-version") == _stamp(clone)[".python-version"]:
        return
    wanted = (clone / ".python-version").read_text().strip()
    choices = [[wanted, "--no-python-downloads"], ["3.12", "--no-python-downloads"], [wanted]]
    choices.append([">=3.12", "--no-python-downloads"])
    for choice in choices:
        command = [uv, "venv", "--quiet", "--clear", "--python", *choice, str(clone / ".venv")]
        answer = subprocess.run(command, cwd=str(clone), env=_uv_env(clone), check=False, capture_output=True)
        if answer.returncode == 0:
            return
    raise CannotRun(NO_PYTHON)


def _packages(uv: str, clone: Path) -> None:
    python = ["--quiet", "--python", str(_python(clone))]
    sync = [uv, "pip", "sync", *python, "--require-hashes", "--compile-bytecode", str(clone / LOCK)]
    _do(sync, "The packages could not be installed (see above).", clone)
    own = [uv, "pip", "install", *python, "--no-deps", "--no-build-isolation", "-e", str(clone)]
    _do(own, "Portico itself could not be installed (see above).", clone)
    sources = [name for name in ("platform", "tenants", "themes", "cms", "billing") if (clone / name).is_dir()]
    compile_own = [str(_python(clone)), "-m", "compileall", "-q", *sources]
    subprocess.run(compile_own, cwd=str(clone), env=_uv_env(clone), check=False)


def _do(command: list[str], refusal: str, clone: Path = CLONE) -> None:
    if subprocess.run(command, cwd=str(clone), env=_uv_env(clone), check=False).returncode != 0:
        raise CannotRun(refusal)


def _uv_env(clone: Path) -> dict[str, str]:
    """uv does not read pip's configuration: a machine that has its packages from a mirror says so there."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")}
    configured = _pip_configuration(clone / "var" / "bootstrap" / "bin" / "python")
    if "index-url" in configured and "UV_INDEX_URL" not in env:
        env.setdefault("UV_DEFAULT_INDEX", configured["index-url"])
    extra = [url for url in configured.get("extra-index-url", "").split() if url.startswith("http")]
    if extra and "UV_INDEX" not in env:
        env.setdefault("UV_EXTRA_INDEX_URL", " ".join(extra))
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # the lock's hashes say what may come
    if "cert" in configured:
        env.setdefault("SSL_CERT_FILE", configured["cert"])
    return env


def _pip_configuration(python: Path) -> dict[str, str]:
    if not python.exists():
        return {}
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "config", "list"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    found = {}
    for line in answer.stdout.splitlines():
        name, _, value = line.partition("=")
        if name.startswith((":env:", "global.", "install.")):
            found[name.strip(":").replace("env:.", "").split(".")[-1]] = value.strip("'\"")
    return found
