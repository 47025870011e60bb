"""A clock on the wall that a test sets, for one process: the machine's own is never touched.

libfaketime stands between the process and the C library. What does not follow the clock on the wall
on a real machine (monotonic and boot-time clocks, the times of files) does not follow it here. Its
version 0.9.10 breaks `time.sleep`, which waits by the monotonic clock: whatever sleeps so fails.
"""

from __future__ import annotations

import time
from pathlib import Path

_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib64/faketime/libfaketimeMT.so.1")


def _library() -> Path | None:
    found = [path for pattern in _LIBRARIES for path in Path("/").glob(pattern[1:])]
    return found[0] if found else None


def missing() -> str:
    """Why no clock can be set here; empty when one can."""
    return "" if _library() else "libfaketime is not installed (apt install faketime)"


class WallClock:
    """Right until it is set; what was started with its `environment` follows at once."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._file, self.off_s = folder / "off", 0
        self.set(0)

    def set(self, off_s: int) -> None:
        """From now on it is so many seconds fast, or slow where they are negative."""
        whole = self._file.with_suffix(".new")
        whole.write_text(f"{off_s:+d}\n")
        whole.replace(self._file)
        self.off_s = off_s

    def now_s(self) -> float:
        """What whoever follows it sees."""
        return time.time() + self.off_s

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process follow it, and those that it starts."""
        return {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


def forget(pid: int) -> None:
    """Clear away what libfaketime leaves in shared memory of a process that was killed."""
    for left in Path("/dev/shm").glob(f"*faketime*_{pid}"):
        left.unlink(missing_ok=True)
