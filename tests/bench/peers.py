"""The engines' processes: started once, asked in turns, each under the interpreter it needs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engines import ENGINES, NUMPY_1

_CHILD = Path(__file__).with_name("engine_process.py")


@dataclass(frozen=True)
class Peer:
    """A running engine, and what it said when it was ready."""

    told: dict[str, Any]
    asked: IO[str]
    answers: IO[str]
    pid: int

    @property
    def name(self) -> str:
        """What the engine is called here."""
        return str(self.told["name"])

    def cost(self, sound: Path) -> dict[str, Any]:
        """What a fresh stream of this sound costs."""
        return self._ask("cost", sound)

    def fires(self, sound: Path) -> list[int]:
        """At which samples a fresh stream of this sound fires."""
        return list(self._ask("fires", sound)["fires"])

    def _ask(self, question: str, sound: Path) -> dict[str, Any]:
        print(question, sound, file=self.asked, flush=True)
        return _answer(self.answers, self.name)

    def pss_mb(self) -> float:
        """Its memory: what is its own, and its share of what several processes have in common."""
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="utf-8")
        found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0


@contextmanager
def peers(names: Sequence[str], numpy_1: Path | None) -> Iterator[list[Peer]]:
    """All of them, ready; they end with the context. `numpy_1` is an interpreter with numpy 1."""
    with ExitStack() as stack:
        yield [stack.enter_context(_peer(name, _interpreter(name, numpy_1))) for name in names]


def available(numpy_1: Path | None) -> list[str]:
    """All engines, less those whose interpreter isn't there."""
    return [n for n in ENGINES if n not in NUMPY_1 or (numpy_1 and numpy_1.is_file())]


def _interpreter(name: str, numpy_1: Path | None) -> Path:
    return numpy_1 if name in NUMPY_1 and numpy_1 else Path(sys.executable)


@contextmanager
def _peer(name: str, python: Path) -> Iterator[Peer]:
    command = [str(python), str(_CHILD), name]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            told = _answer(process.stdout, name)
            yield Peer(told, process.stdin, process.stdout, process.pid)
        finally:
            process.kill()


def _answer(answers: IO[str], name: str) -> dict[str, Any]:
    line = answers.readline()
    if not line:
        raise SystemExit(
            f"bench: {name} died; see  python tests/bench/engine_process.py {name} </dev/null"
        )
    found: dict[str, Any] = json.loads(line)
    return found
