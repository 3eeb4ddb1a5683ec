"""The supervisor with real processes, killed one after another and all at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bankops.core.embedded.layout import PROJECT_ROOT
from bankops.core.supervisor import Child, Command, Patience, Supervisor

QUICK = Patience(first_wait=0.1, longest_wait=0.4, healthy=60, stop=5)


def python(name: str, source: str, **options: object) -> Command:
    return Command(name=name, arguments=[sys.executable, "-c", textwrap.dedent(source)], **options)  # type: ignore[arg-type]


def sleeper(name: str) -> Command:
    return Command(name=name, arguments=["sleep", "600"])


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def three(said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor([sleeper("web"), sleeper("worker"), sleeper("beat")], say=said.append, patience=QUICK)
    supervisor.start()
    assert eventually(lambda: None not in supervisor.pids().values())
    yield supervisor
    supervisor.stop()


def test_each_process_may_be_killed_and_comes_back(three: Supervisor, said: list[str]) -> None:
    for name in ("web", "worker", "beat"):
        before = three.pids()
        os.kill(before[name] or 0, signal.SIGKILL)
        assert eventually(lambda name=name, before=before: three.pids()[name] not in {None, before[name]})  # type: ignore[misc]
        after = three.pids()
        assert {other: pid for other, pid in after.items() if other != name} == {
            other: pid for other, pid in before.items() if other != name
        }
        assert any(line.startswith(f"{name}: killed by SIGKILL") for line in said)
        assert eventually(lambda name=name: any(line.startswith(f"{name}: started again") for line in said))  # type: ignore[misc]


def test_stop_leaves_nothing(three: Supervisor) -> None:
    pids = [pid for pid in three.pids().values() if pid]
    three.stop()
    three.stop()
    assert len(pids) == 3
    assert not any(map(lives, pids))
    assert three.pids() == {"web": None, "worker": None, "beat": None}


def test_they_stop_in_the_reverse_order_of_their_start(tmp_path: Path, said: list[str]) -> None:
    source = f"""
        import signal, sys, time
        def note(what):
            with open({str(tmp_path / "order")!r}, "a") as file: file.write(f"{{what}} {{sys.argv[1]}}\\n")
        signal.signal(signal.SIGTERM, lambda *_: (note("stop"), sys.exit()))
        note("start")
        time.sleep(600)
    """
    commands = [Command(name, [*python(name, source).arguments, name]) for name in ("web", "worker", "beat")]
    supervisor = Supervisor(commands, say=said.append, patience=QUICK)
    supervisor.start()
    order = tmp_path / "order"
    assert eventually(lambda: order.exists() and order.read_text().count("start") == 3)
    supervisor.stop()
    assert order.read_text().splitlines()[3:] == ["stop beat", "stop worker", "stop web"]


def test_waits_grow_up_to_a_limit(said: list[str]) -> None:
    supervisor = Supervisor([Command("web", ["false"])], say=said.append, patience=QUICK)
    supervisor.start()
    assert eventually(lambda: sum("ended" in line for line in said) >= 5)
    supervisor.stop()
    waits = [line.rpartition(" in ")[2] for line in said if "ended with status 1" in line]
    assert waits[:5] == ["0.1 s", "0.2 s", "0.4 s", "0.4 s", "0.4 s"]


def test_a_child_that_lived_well_starts_again_quickly() -> None:
    patience = Patience(first_wait=1, longest_wait=60, healthy=3600)
    child = Child(sleeper("web"), patience)
    child.start()
    assert [child.schedule_restart(), child.schedule_restart(), child.schedule_restart()] == [1, 2, 4]
    child._patience = replace(patience, healthy=0)
    assert child.schedule_restart() == 1
    child.stop()


def test_a_program_that_does_not_exist_is_reported_not_fatal(three: Supervisor, said: list[str]) -> None:
    other = Supervisor([Command("web", ["/does/not/exist"])], say=said.append, patience=QUICK)
    other.start()
    assert eventually(lambda: any("web: ended with status" in line for line in said))
    other.stop()


def test_what_a_dead_process_left_running_is_cleared_away(tmp_path: Path, said: list[str]) -> None:
    # given a process with a child of its own, as a worker with its pool
    source = f"""
        import subprocess, time
        child = subprocess.Popen(["sleep", "600"])
        open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
        time.sleep(600)
    """
    supervisor = Supervisor([python("worker", source)], say=said.append, patience=QUICK)
    supervisor.start()
    file = tmp_path / "child"
    assert eventually(lambda: file.exists() and bool(file.read_text()))
    grandchild = int(file.read_text())

    # when it is killed, then its child goes too
    os.kill(supervisor.pids()["worker"] or 0, signal.SIGKILL)
    assert eventually(lambda: not lives(grandchild))
    supervisor.stop()


def test_one_that_will_not_stop_is_killed(tmp_path: Path, said: list[str]) -> None:
    source = f"""
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open({str(tmp_path / "ready")!r}, "w").close()
        time.sleep(600)
    """
    patience = Patience(first_wait=0.1, stop=0.3)
    supervisor = Supervisor([python("web", source)], say=said.append, patience=patience)
    supervisor.start()
    assert eventually((tmp_path / "ready").exists)
    pid = supervisor.pids()["web"] or 0
    supervisor.stop()
    assert not lives(pid)
    assert said == ["web: did not stop in time and was killed"]


def test_no_orphan_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    # given a supervisor in a process of its own
    source = """
        import time
        from bankops.core.supervisor import Command, Supervisor
        supervisor = Supervisor([Command("web", ["sleep", "600"]), Command("beat", ["sleep", "600"])])
        supervisor.start()
        while None in supervisor.pids().values(): time.sleep(0.02)
        time.sleep(0.5)
        print(*supervisor.pids().values(), flush=True)
        time.sleep(600)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert len(pids) == 2
    assert all(map(lives, pids))

    # when nothing is left to it to do about its children
    process.kill()
    process.communicate()

    # then they end all the same
    assert eventually(lambda: not any(map(lives, pids)))


def test_output_goes_to_the_log(tmp_path: Path, said: list[str]) -> None:
    log = tmp_path / "web.log"
    command = python("web", "import os; print('hello', os.environ['GREETED'])", env={"GREETED": "bank"}, log=log)
    supervisor = Supervisor([command], say=said.append, patience=QUICK)
    supervisor.start()
    assert eventually(lambda: log.exists() and "hello bank" in log.read_text())
    supervisor.stop()
