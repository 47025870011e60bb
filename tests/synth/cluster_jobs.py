"""What the workers of a test's cluster are given to do; and the cluster, real, on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from wakeful.models.errors import WakefulError

_told: dict[str, Path] = {}


def begin(folder: Path) -> None:
    """Once in each worker, which says so."""
    _told["folder"] = folder
    with (folder / "begun").open("a") as file:
        file.write(f"{os.getpid()}\n")


def work(job: int) -> tuple[int, int]:
    """A third of a second's work: its square, and who did it. Job 13 can't be done."""
    if job == 13:
        raise WakefulError("thirteen: can't be done; take it away")
    (_told["folder"] / f"{job}-{os.getpid()}").touch()
    time.sleep(0.3)
    return job * job, os.getpid()


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, address: str, workers: dict[int, subprocess.Popen[bytes]]) -> None:
        self.address, self.workers = address, workers

    def kill(self, pid: int) -> None:
        """A worker is gone at once, with what it was doing."""
        self.workers[pid].kill()
        self.workers[pid].wait()


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """On loopback; all of it has ended when the context has."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    file, log = folder / "scheduler.json", folder / "log"
    with ExitStack() as stack:
        out = stack.enter_context(log.open("wb"))

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
            process = stack.enter_context(
                subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=folder)
            )
            stack.callback(process.kill)
            return process

        place = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
        start("dask_scheduler", *place, "--port", "0")
        until(lambda: file.exists() and file.stat().st_size > 0, log)
        flags = ["--nthreads", "1", "--no-nanny", *place]
        started = [start("dask_worker", *flags) for _ in range(workers)]
        address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        yield Cluster(address, {process.pid: process for process in started})


def until(is_so: Callable[[], bool], log: Path) -> None:
    """Until it holds; a busy machine is no failure."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, log.read_text(errors="replace")[-2_000:]
        time.sleep(0.02)
