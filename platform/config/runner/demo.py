"""`make demo`: the servers, the migrations, the people of the demo, and then the portal's processes until Ctrl-C."""

import http.client
import os
from pathlib import Path

from config.demo.sandbox import SLUGS, sandbox_of

from . import checks, logins, messages, processes, sign_ins, statics
from .environment import Places, places
from .errors import CannotRun, StopAsked
from .locks import held
from .processes import Child
from .progress import say, show
from .servers import started
from .supervisor import Part, Supervisor, supervised

RUNNING = "The demo of this clone runs already (process {pid}). Stop it with Ctrl-C in its terminal, then start again."
SECONDS_TO_BE_READY = 90


def run() -> int:
    where = places()
    port = checks.port(os.environ.get("PORT"))
    with held(where.var / "demo.lock", RUNNING):
        _ports_free(port)
        try:
            with supervised() as supervisor:
                _bring_up(where, port, supervisor)
                supervisor.watch()
        except StopAsked:
            say("Everything has stopped. make demo starts it again with the same data")
    return 0


def _ports_free(port: int) -> None:
    """The web server's, and those above it that the sandbox EHRs take."""
    checks.port_free(port)
    os.environ["PORT"] = str(port)
    for slug in SLUGS:
        checks.port_free(sandbox_of(slug).port, used_by="the sandbox EHR", other=port + 10)


def _bring_up(where: Places, port: int, supervisor: Supervisor) -> None:
    missing = checks.missing_pango()
    if missing:
        say(missing)
    messages.compile_all(where.clone)
    env = processes.child_environment(
        {"DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.demo")}
    )
    env |= started(where, "demo", supervisor)
    python = where.python
    owner = logins.owners(where, env)
    portal = Portal(where, logins.runtimes(where, env))
    supervisor.keep(portal.part("sandbox EHR", [python, "-m", "config.demo", "ehr"], "ehr"))
    statics.collect(where, env, supervisor)
    log = where.logs / "migrate.log"
    say("Bringing the database up to date")
    supervisor.step("The migration", [python, "manage.py", "hospital", "migrate"], owner, where.clone, log)
    say("Starting the web server")
    checks.port_free(port)  # once more: the web server would share it with another one, and each get half the requests
    web = supervisor.keep(portal.web(port))
    say("Looking after the demo's hospitals and people")
    seed = where.logs / "seed.log"
    supervisor.step("Seeding the demo", [python, "-m", "config.demo", "seed"], owner, where.clone, seed)
    say("Starting the provisioner, the worker and the scheduler")
    supervisor.keep(Portal(where, owner).provisioner())
    supervisor.keep(portal.worker())
    supervisor.keep(portal.scheduler())
    _wait_until_ready(port, web, supervisor, where.logs / "web.log")
    _tell(where)


class Portal:
    """The commands of the portal's own processes."""

    def __init__(self, where: Places, env: dict[str, str]) -> None:
        self.where = where
        self.env = env

    def part(self, name: str, command: list[str | Path], log_name: str) -> Part:
        log = self.where.logs / f"{log_name}.log"

        def start() -> Child:
            with processes.open_log(log) as output:
                return processes.start(command, env=self.env, folder=self.where.clone, output=output)

        return Part(name, start, log)

    def web(self, port: int) -> Part:
        # One blocking thread a worker: with more, one request in a hundred waits a second for its turn.
        options = ["--interface", "wsgi", "--blocking-threads", "1", "--workers", "2", "--respawn-failed-workers"]
        address = ["--host", "127.0.0.1", "--port", str(port), "--no-ws"]
        return self.part(
            "web server", [self.where.python, "-m", "granian", *options, *address, "config.wsgi:application"], "web"
        )

    def provisioner(self) -> Part:
        return self.part("provisioner", [self.where.python, "manage.py", "provisioner"], "provisioner")

    def worker(self) -> Part:
        options = ["--concurrency", "2", "--loglevel", "INFO", "--without-mingle", "--without-gossip"]
        return self.part("worker", [*self._celery(), "worker", *options], "worker")

    def scheduler(self) -> Part:
        return self.part("scheduler", [*self._celery(), "beat", "--pidfile="], "scheduler")

    def _celery(self) -> list[str | Path]:
        return [self.where.python, "-m", "celery", "--app", "config.celery_app"]


def _wait_until_ready(port: int, web: Child, supervisor: Supervisor, log: Path) -> None:
    """Until /readyz says that the database, the broker and the migrations are there."""
    ended = supervisor.waiter.wait_for(lambda: web.poll() is not None or answers(port, "/readyz"), SECONDS_TO_BE_READY)
    if ended and web.poll() is None:
        return
    lines = "\n".join(f"  {line}" for line in processes.last_lines(log))
    raise CannotRun(f"The web server does not get ready.\n{lines}\nThe log: {log}")


def answers(port: int, path: str) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def _tell(where: Places) -> None:
    say("Portico is ready")
    if where.sign_ins.exists():
        sign_ins.tell(where)
    show()
    show("The codes change each 30 seconds: make sign-ins shows them again. For tools: var/demo.json")
    show(f"Logs: {where.logs}. Ctrl-C ends everything.")
