"""What is started together ends together."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.runner import processes, servers, with_servers
from config.runner.environment import Places
from config.runner.errors import CannotRun, StopAsked
from config.runner.locks import held
from config.runner.processes import Child
from config.runner.signals import Waiter
from config.runner.supervisor import Part, Supervisor

# Keeps a child with a child of its own. All hold our pipe's end: it closes when the last of them has gone.
TREE = """
import subprocess, sys
from pathlib import Path
from config.runner import processes
from config.runner.errors import StopAsked
from config.runner.supervisor import Part, supervised

GRANDCHILD = "import sys; print(1, flush=True); sys.stdin.read()"
CHILD = f"import subprocess as s, sys; s.Popen([sys.executable, '-c', '{GRANDCHILD}'], stdin=s.PIPE).wait()"
def start():
    return processes.start([sys.executable, "-c", CHILD], env={}, folder=Path("."), output=sys.stdout.fileno())
try:
    with supervised() as supervisor:
        supervisor.keep(Part("tree", start, Path("none.log")))
        supervisor.watch()
except StopAsked:
    print("stopped", flush=True)
"""


def tree() -> subprocess.Popen[str]:
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    return subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE, text=True, env=env, process_group=0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_whole_tree(number: signal.Signals) -> None:
    process = tree()
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    os.killpg(process.pid, number)
    assert process.stdout.read() == "stopped\n"  # to its end: nobody holds the pipe any more
    assert process.wait() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_end_with_a_supervisor_that_is_killed() -> None:
    process = tree()
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    process.kill()
    assert process.stdout.read() == ""
    assert process.wait() == -signal.SIGKILL


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def gone(tmp_path: Path) -> Child:
    child = processes.start([sys.executable, "-c", "raise SystemExit(3)"], env={}, folder=tmp_path, output=None)
    child.wait()
    return child


def test_what_dies_is_started_again_each_time_later(
    waiter: Waiter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, starts = Clock(), list[float]()

    def start() -> Child:
        starts.append(clock())
        return gone(tmp_path)

    log = tmp_path / "worker.log"
    log.write_text("out of memory\n")
    supervisor = Supervisor(waiter, clock)
    supervisor.keep(Part("worker", start, log))
    for tick in range(16):
        clock.now = float(tick)
        supervisor.tend()
    assert starts == [0.0, 1.0, 4.0, 9.0]  # after a pause of 1, 2 and 4 seconds, and a tick to notice
    said = capsys.readouterr().out
    assert "The worker stopped (it ended with 3); starting it again" in said
    assert said.count("The worker keeps stopping") == 1
    assert "worker: out of memory" in said
    supervisor.stop()


def test_a_step_shows_its_lines_and_a_failing_one_names_its_log(
    waiter: Waiter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = Supervisor(waiter)
    program = "print('half done'); raise SystemExit(2)"
    with pytest.raises(CannotRun, match=r"The migration failed .*migrate\.log"):
        supervisor.step("The migration", [sys.executable, "-c", program], {}, tmp_path, tmp_path / "migrate.log")
    assert "half done" in capsys.readouterr().out
    assert (tmp_path / "migrate.log").read_text() == "half done\n"


def test_a_signal_ends_a_step_that_says_nothing(waiter: Waiter, tmp_path: Path) -> None:
    supervisor = Supervisor(waiter)
    program = f"import os, signal, sys; os.kill({os.getpid()}, signal.SIGTERM); sys.stdin.read(); signal.pause()"
    with pytest.raises(StopAsked):
        supervisor.step("Seeding", [sys.executable, "-c", program], {}, tmp_path, tmp_path / "seed.log")


def test_a_make_that_was_killed_takes_the_demo_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKELEVEL", "1")
    parents = [4711]
    waiter = Waiter(parent=lambda: parents[0])
    waiter.check()
    parents[0] = 1
    with pytest.raises(StopAsked):
        waiter.check()


@pytest.fixture
def given_servers(monkeypatch: pytest.MonkeyPatch, where: Places) -> Places:
    monkeypatch.setattr(with_servers, "places", lambda: where)
    monkeypatch.setattr(servers, "given_ones_answer", lambda given: None)
    monkeypatch.setenv("DATABASE_URL", "postgresql:///mine")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    return where


def test_with_servers_gives_back_the_commands_own_code(given_servers: Places) -> None:
    assert with_servers.run(["--", sys.executable, "-c", "raise SystemExit(7)"]) == 7
    assert not list(given_servers.servers.glob("test*"))  # both were given: nothing was made


def test_with_servers_refuses_a_second_run_on_the_same_instance(given_servers: Places) -> None:
    with held(given_servers.var / "servers-test.lock", ""), pytest.raises(CannotRun, match="in use by"):
        with_servers.run(["--", "true"])


def test_children_write_byte_code_whatever_the_shell_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    env: dict[str, Any] = processes.child_environment({"PORT": "8001"})
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert env["PORT"] == "8001"
