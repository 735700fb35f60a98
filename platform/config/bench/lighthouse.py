"""`make lighthouse`: Google's Lighthouse on the demo's sign-in and home pages, on its phone profile.

Median of five runs. Needs Node and a Chromium. Uses the demo that runs, or starts one for the time.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from config.bench.progress import BenchFailed, say
from config.bench.signing_in import cookie_of
from config.runner import chromium, processes
from config.runner.demo import answers
from config.runner.environment import Places, places
from config.runner.errors import CannotRun
from config.runner.signals import Waiter

LIGHTHOUSE = "lighthouse@12.8.2"
RUNS = 5
LEAST = {"accessibility": 100, "best-practices": 100, "performance": 95}
SECONDS_TO_START = 480
READY = b"Portico is ready"  # the demo's own words: its web server answers before its people are there
type Scores = dict[str, float]


def run() -> int:
    try:
        if shutil.which("npx") is None:
            raise BenchFailed("Lighthouse needs Node, and this machine has none. Install Node 20 or newer.")
        browser = chromium.path()
        with _demo(places()) as demo:
            return _measured(demo, browser)
    except (BenchFailed, CannotRun) as problem:
        say(str(problem))
        return 1


def _measured(demo: dict[str, Any], browser: Path) -> int:
    hospital = demo["hospitals"][0]
    patient = next(person for person in hospital["people"] if person["role"] == "patient")
    url = str(hospital["url"]).rstrip("/")
    home = {"Cookie": cookie_of(url, patient)}
    below = False
    print(f"| {'Page':<8} | " + " | ".join(LEAST) + " | Below full score |\n|" + "---|" * (len(LEAST) + 2))
    for name, address, headers in (("sign-in", f"{url}/sign-in/", {}), ("home", f"{url}/", home)):
        reports = [_report(address, headers, browser, number) for number in range(1, RUNS + 1)]
        scores = {kind: median(_scores(report)[kind] for report in reports) for kind in LEAST}
        below = below or any(scores[kind] < least for kind, least in LEAST.items())
        cells = " | ".join(f"{scores[kind]:.0f}" for kind in LEAST)
        print(f"| {name:<8} | {cells} | {', '.join(_lacking(reports[0])) or 'nothing'} |", flush=True)
    print("\nAt least " + ", ".join(f"{kind} {least}" for kind, least in LEAST.items()) + f"; median of {RUNS} runs.")
    return int(below)


def _report(address: str, headers: dict[str, str], browser: Path, number: int) -> dict[str, Any]:
    say(f"lighthouse: {address}, run {number} of {RUNS}")
    with tempfile.TemporaryDirectory() as folder:
        output, sent = Path(folder) / "report.json", Path(folder) / "headers.json"
        sent.touch(mode=0o600)  # the session stands in a file, not in the list of processes
        sent.write_text(json.dumps(headers))
        command = [
            "npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={output}",
            f"--extra-headers={sent}", f"--only-categories={','.join(LEAST)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage",
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603  # npx, with addresses of our own
            command, capture_output=True, text=True, check=False, timeout=300,
            env={**os.environ, "CHROME_PATH": str(browser)},
        )  # fmt: skip
        if not output.exists():
            raise BenchFailed(f"Lighthouse failed: {done.stderr.strip()[-600:]}")
        report: dict[str, Any] = json.loads(output.read_text())
    if report.get("runtimeError"):
        raise BenchFailed(f"Lighthouse failed: {report['runtimeError']['message']}")
    if report["finalDisplayedUrl"].rstrip("/") != address.rstrip("/"):
        raise BenchFailed(f"{address} led to {report['finalDisplayedUrl']}.")
    return report


def _scores(report: dict[str, Any]) -> Scores:
    return {kind: 100 * (report["categories"][kind]["score"] or 0) for kind in LEAST}


def _lacking(report: dict[str, Any]) -> list[str]:
    """The audits that take points away."""
    return [
        f"{part['id']} ({report['audits'][part['id']].get('displayValue') or report['audits'][part['id']]['score']})"
        for category in report["categories"].values()
        for part in category["auditRefs"]
        if part["weight"] and (report["audits"][part["id"]]["score"] or 0) < 1
        and report["audits"][part["id"]]["scoreDisplayMode"] not in {"notApplicable", "manual", "informative"}
    ]  # fmt: skip


@contextmanager
def _demo(where: Places) -> Iterator[dict[str, Any]]:
    """What `var/demo.json` says of the demo that runs, started here if none does."""
    port = int(os.environ.get("PORT") or 8000)
    if answers(port, "/readyz") and where.sign_ins.exists():
        yield json.loads(where.sign_ins.read_text())
        return
    say("starting the demo")
    log = where.logs / "lighthouse-demo.log"
    log.unlink(missing_ok=True)
    with processes.open_log(log) as output:
        child = processes.start([sys.executable, "-m", "config.runner", "demo"], env=processes.child_environment({}),
                                folder=where.clone, output=output)  # fmt: skip
    with Waiter().listening() as waiter:
        try:
            ready = waiter.wait_for(lambda: child.poll() is not None or READY in log.read_bytes(), SECONDS_TO_START)
            if not ready or child.poll() is not None:
                raise BenchFailed(f"The demo does not start. Its log: {log}")
            yield json.loads(where.sign_ins.read_text())
        finally:
            processes.end({child: signal.SIGINT}, waiter, 20)
