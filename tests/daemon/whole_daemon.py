"""The whole daemon as it is started, and a subscriber in another process that hears all of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAKEFUL = Path(sys.executable).with_name("wakeful")
PATIENCE_S = 40.0


class Daemon:
    """`wakeful daemon` with folders of its own; `log` is what it said.

    `more` is what else stands in its configuration.
    """

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        model: Path | str,
        device: str = "",
        more: str = "",
    ) -> None:
        self.folder, self.events = folder, folder / "events"
        run = folder / "own"
        run.mkdir(mode=0o700)
        self.environment = environment | {
            "XDG_RUNTIME_DIR": str(run),
            "WAKEFUL_CONFIG": str(folder / "wakeful.toml"),
        }
        self.configure(
            f'models = ["{model}"]\n[chime]\non = false\n[bus]\nheartbeat_s = 1\n'
            f'[audio]\ndevice = "{device}"\n{more}'
        )
        self.process, self.subscriber = self._start(), self._subscribe()

    def configure(self, text: str) -> None:
        """Write its configuration."""
        (self.folder / "wakeful.toml").write_text(text)

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([WAKEFUL, "daemon"], env=self.environment, stderr=log)

    def _subscribe(self) -> subprocess.Popen[bytes]:
        """Another process, which asks for what it was too late for."""
        command = [str(WAKEFUL), "events", "--json", "--since", "0"]
        with self.events.open("wb") as out:
            return subprocess.Popen(command, env=self.environment, stdout=out)

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "log").read_text()

    def told(self) -> list[dict[str, object]]:
        """What the subscriber has been told so far, in its order."""
        return [
            json.loads(line)
            for line in self.events.read_text().splitlines(keepends=True)
            if line.endswith("\n")
        ]

    def wait_for(self, kind: str, count: int = 1) -> dict[str, object]:
        """The subscriber's event of a kind, or the `count`-th of them."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = [event for event in self.told() if event["event"] == kind]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.05)
        raise AssertionError(f"no {kind}: {self.told()}\n{self.log}")

    def ctl(self, *words: str) -> str:
        """Steer it."""
        done = subprocess.run(
            [WAKEFUL, "ctl", *words], env=self.environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_S)

    def close(self) -> None:
        """End what still runs."""
        for process in (self.process, self.subscriber):
            process.kill()
            process.wait()


@contextmanager
def daemon(
    folder: Path,
    environment: dict[str, str],
    model: Path | str,
    device: str = "",
    more: str = "",
) -> Iterator[Daemon]:
    """One that has ended when the context has."""
    running = Daemon(folder, environment, model, device, more)
    try:
        yield running
    finally:
        running.close()
