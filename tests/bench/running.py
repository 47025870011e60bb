"""A whole daemon in a process of its own, to be measured from outside: its CPU, its memory."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wakeful.daemon.settings import BusSettings

WAKEFUL = Path(sys.executable).with_name("wakeful")


def configuration(folder: Path, model: str, more: str = "") -> Path:
    """A file by which a daemon keeps to a folder of its own; `more` are lines of TOML."""
    path = folder / "wakeful.toml"
    path.write_text(
        f"models = [{model!r}]\n[bus]\nevents = 'ipc://{folder}/events.sock'\n"
        f"control = 'ipc://{folder}/control.sock'\n{more}"
    )
    return path


def bus_of(folder: Path) -> BusSettings:
    """How a client finds it."""
    return BusSettings(events=f"ipc://{folder}/events.sock", control=f"ipc://{folder}/control.sock")


@contextmanager
def daemon(
    folder: Path,
    model: str,
    *flags: str,
    environment: dict[str, str] | None = None,
    program: Sequence[str] = (str(WAKEFUL),),
    more: str = "",
) -> Iterator[subprocess.Popen[bytes]]:
    """`wakeful daemon` with its standard input as a pipe; it has ended when the context has."""
    command = [*program, "daemon", "--config", str(configuration(folder, model, more)), *flags]
    with (
        (folder / "daemon.log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=log, env=environment) as process,
    ):
        try:
            wait_until((folder / "events.sock").exists, process)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Until it holds, while a process lives."""
    until_s = time.monotonic() + 60
    while not condition():
        if process.poll() is not None or time.monotonic() > until_s:
            raise SystemExit("the daemon did not start; see daemon.log beside its sockets")
        time.sleep(0.02)


def cpu_s(pid: int) -> float:
    """CPU seconds that a process and its children have taken so far."""
    return sum(_cpu_s(one) for one in _family(pid))


def rss_mb(pid: int) -> float:
    """Memory that they have in use."""
    page_mb = resource.getpagesize() / 2**20
    return sum(int(_read(one, "statm").split()[1]) for one in _family(pid)) * page_mb


def _cpu_s(pid: int) -> float:
    """What the scheduler has counted of its threads: a tick is too coarse for so little."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int(_read(pid, f"task/{task.name}/schedstat").split()[0]) for task in tasks) / 1e9


def _family(pid: int) -> list[int]:
    children = _read(pid, f"task/{pid}/children").split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _read(pid: int, what: str) -> str:
    return Path(f"/proc/{pid}/{what}").read_text(encoding="utf-8")
