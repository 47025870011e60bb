"""The recognizer that keeps what is said, for later: FLAC with a JSON beside it, in one folder.

Only you may read them. Beyond a number of files or of bytes the oldest are deleted; what else lies
in the folder is never touched.
"""

from __future__ import annotations

import io
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from .own_file import write_own
from .printable import printable
from .recognizer import About, Heard, HeardSound, RecognizerError
from .settings import RecognizerSettings
from .source import SAMPLE_RATE_HZ, Samples

_OURS = re.compile(r"\d{8}T\d{6}\.\d{3}Z(-\d+)?\.flac")
_LEFT = re.compile(r"\.\d{8}T\d{6}\.\d{3}Z(-\d+)?\.(flac|json)\.\d+")
"""What a process that was killed in the middle of a file leaves."""


def state_folder() -> Path:
    """Where it is kept by default: the unit's state directory, or the user's."""
    # systemd separates several with colons; the first is ours.
    if unit := os.environ.get("STATE_DIRECTORY", "").partition(":")[0]:
        return Path(unit, "utterances")
    home = os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()
    return Path(home, "wakeful", "utterances")


class SaveRecognizer:
    """A `Recognizer` that understands nothing and forgets little."""

    nothing: Heard | None = None

    def __init__(self, settings: RecognizerSettings) -> None:
        import soundfile

        self._write = soundfile.write
        self.folder = _made(settings)
        self._keep_files = settings.keep_files
        self._keep_bytes = round(settings.keep_mb * 1e6)
        for path in self.folder.iterdir():
            if _LEFT.fullmatch(path.name):
                path.unlink(missing_ok=True)

    @staticmethod
    def check(settings: RecognizerSettings) -> None:
        """Whether there is a folder that may be written into."""
        folder = _made(settings)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise RecognizerError(f"{folder}: may not be written into; see recognizer.folder")

    def recognize(self, samples: Samples, about: About | None = None) -> Heard:
        """Keep it; raises `RecognizerError` where it can't be kept, a full disk for example."""
        about = about or About()
        path = self._free_name(about.time)
        try:
            self._keep(path, samples, about)
            self._prune(path)
        except OSError as error:
            _remove(path)
            reason = f"{path}: can't be kept: {error.strerror}; make room, or see recognizer.folder"
            raise RecognizerError(reason) from error
        return HeardSound(path=printable(str(path)))

    def _keep(self, path: Path, samples: Samples, about: About) -> None:
        # Encoded in memory: only whole files are ever written, and errors of the disk keep a name.
        flac = io.BytesIO()
        self._write(flac, samples, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
        write_own(path, flac.getvalue())
        row = msgspec.to_builtins(about) | {"duration_s": round(len(samples) / SAMPLE_RATE_HZ, 3)}
        write_own(path.with_suffix(".json"), msgspec.json.encode(row) + b"\n")

    def _free_name(self, time: float) -> Path:
        """Named after when it was said, so that names sort by age."""
        when = datetime.fromtimestamp(time, UTC)
        stem = f"{when:%Y%m%dT%H%M%S}.{when.microsecond // 1_000:03}Z"
        path, number = self.folder / f"{stem}.flac", 1
        while path.exists():
            number += 1
            path = self.folder / f"{stem}-{number}.flac"
        return path

    def _prune(self, new: Path) -> None:
        """The newest stay, as many as may; the new one does, whatever the clock says."""
        left = self._keep_bytes
        kept = {path for path in self.folder.iterdir() if _OURS.fullmatch(path.name)}
        newest_first = [new, *sorted(kept - {new}, key=_age, reverse=True)]
        for number, path in enumerate(newest_first):
            left -= _size(path) + _size(path.with_suffix(".json"))
            if number and (left < 0 or number >= self._keep_files):
                _remove(path)


def _made(settings: RecognizerSettings) -> Path:
    """The folder, made if it isn't there; raises `RecognizerError`."""
    folder = Path(settings.folder).expanduser() if settings.folder else state_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{folder}: can't be made: {error.strerror}; see recognizer.folder"
        raise RecognizerError(reason) from error
    return folder.absolute()


def _age(path: Path) -> tuple[str, int]:
    when, _, number = path.stem.partition("-")
    return when, int(number or 1)


def _size(path: Path) -> int:
    """What it takes on the disk; nothing if it has gone meanwhile."""
    try:
        return path.stat().st_blocks * 512
    except FileNotFoundError:
        return 0


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
