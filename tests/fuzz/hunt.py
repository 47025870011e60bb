"""Throw broken input at whatever reads any, for a bounded time: ``make fuzz``.

    python tests/fuzz/hunt.py --seconds 300 --only sound --only config

With atheris, input grows towards code that was not reached yet; without it, and where atheris can't
see (libsndfile, msgspec), good input is broken at random. Each finding is kept in
``tests/fuzz/found/TARGET/``, where the tests read it from then on. Exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np
from mutation import mutated
from targets import TARGETS

_LONGEST_S = 10
"""What is read for longer hangs."""

_GUIDED = """
import sys
import atheris
with atheris.instrument_imports(include=["wakeful"]):
    from targets import TARGETS
target = TARGETS[sys.argv[1]]
atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
atheris.Fuzz()
"""


class HangError(Exception):
    """An input was read for too long."""


def _hang(_signal: int, _frame: object) -> None:
    raise HangError(f"read for more than {_LONGEST_S} s")


def found_by_breaking(name: str, seconds: float, seed: int) -> list[bytes]:
    """The first input of each kind of failure."""
    target, rng = TARGETS[name], np.random.default_rng(seed)
    seeds = target.seeds()
    signal.signal(signal.SIGALRM, _hang)
    found: dict[str, bytes] = {}
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        data, tried = mutated(seeds, rng), tried + 1
        signal.alarm(_LONGEST_S)
        try:
            target(data)  # whatever comes out of it is what is looked for
        except Exception as error:
            signal.alarm(0)
            if found.setdefault(_place(error), data) is data:
                traceback.print_exc(limit=-4)
        signal.alarm(0)
    print(f"{name}: {tried} broken inputs, {len(found)} findings", flush=True)
    return list(found.values())


def _place(error: Exception) -> str:
    """Where it came from: the same place a second time is no second finding."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {last.filename}:{last.lineno}"


def found_by_guiding(name: str, seconds: float, folder: Path) -> list[bytes]:
    """What made atheris stop; it ends with the first."""
    corpus = folder / name
    corpus.mkdir()
    for number, seed in enumerate(TARGETS[name].seeds()):
        (corpus / str(number)).write_bytes(seed)
    flags = [f"-max_total_time={round(seconds)}", f"-timeout={_LONGEST_S}", "-rss_limit_mb=3072"]
    flags += [f"-artifact_prefix={folder}/{name}-", "-print_final_stats=0", "-verbosity=0"]
    command = [sys.executable, "-c", _GUIDED, name, str(corpus), *flags]
    done = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    kept = [path.read_bytes() for path in sorted(folder.glob(f"{name}-*"))]
    if kept:
        print(done.stderr[-3_000:])
    print(f"{name}: guided, {len(kept)} findings", flush=True)
    return kept


def keep(name: str, data: bytes) -> Path:
    """For the tests, from now on."""
    folder = Path(__file__).with_name("found") / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path


def main() -> int:
    """Share the time among the targets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=240.0, help="for all targets together")
    parser.add_argument("--only", action="append", choices=sorted(TARGETS), default=[])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    names = options.only or list(TARGETS)
    guided = importlib.util.find_spec("atheris") is not None
    each_s = options.seconds / len(names) / (2 if guided else 1)
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            found = found_by_breaking(name, each_s, options.seed)
            found += found_by_guiding(name, each_s, Path(folder)) if guided else []
            kept += [keep(name, data) for data in found]
    print(*(f"kept {path}" for path in kept), sep="\n" if kept else "")
    return 1 if kept else 0


if __name__ == "__main__":
    sys.exit(main())
