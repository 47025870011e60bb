"""Asterisk's spoken prompts: G.722 files without a head, which ffmpeg reads, or WAV at 8 kHz.

Starting ffmpeg costs more than a prompt does, so it is given many at once, when the first of them
is wanted.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from .recording import Recording, RecordingError, decode
from .voice import Sound

AT_ONCE = 64

_LANGUAGE = re.compile(r"([a-z]{2})(_[A-Z]{2})?(_[mf]_\w+)?")
_DECODED = ".g722.decoded.wav"
_WITHIN_S = 300


def can_read_g722() -> bool:
    """Whether there is a program that does; without it the narrower WAV files have to do."""
    return shutil.which("ffmpeg") is not None


def recordings(root: Path) -> Iterator[Recording]:
    """Every prompt under an unpacked package but the silences; ``en_US_f_Allison`` is English.

    What G.722 becomes lies beside it: the tree must be one to write into.
    """
    spoken = [p for p in sorted(root.rglob("*.g722")) if "silence" not in p.parts]
    for first in range(0, len(spoken), AT_ONCE):
        together = spoken[first : first + AT_ONCE]
        for path in together:
            yield _recording(root, path, partial(_g722, path, together))
    for path in sorted(root.rglob("*.wav")):
        if "silence" not in path.parts and not path.name.endswith(_DECODED):
            yield _recording(root, path, partial(decode, path, str(path.relative_to(root))))


def _recording(root: Path, path: Path, sound: partial[Sound]) -> Recording:
    inside = path.relative_to(root)
    spoken = [m[1] for part in inside.parts[:-1] if (m := _LANGUAGE.fullmatch(part))]
    return Recording(str(inside), (spoken or ["und"])[-1], sound)


def _g722(path: Path, together: Sequence[Path]) -> Sound:
    """One that breaks may stop its batch: then each that is lacking is tried alone."""
    if not _decoded(together[0]).exists():
        _run(together)
    if not _decoded(path).exists():
        _run([path])
    if not _decoded(path).exists():
        raise RecordingError(f"{path.name}: ffmpeg doesn't read it")
    return decode(_decoded(path), path.name)


def _decoded(path: Path) -> Path:
    return path.with_name(path.stem + _DECODED)


def _run(paths: Sequence[Path]) -> None:
    """Writes what it can; what came out half because ffmpeg failed is taken away."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    for path in paths:
        command += ["-f", "g722", "-i", f"file:{path}"]
    for number, path in enumerate(paths):
        command += ["-map", str(number), "-ar", "16000", "-ac", "1", f"file:{_decoded(path)}"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_WITHIN_S,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RecordingError(f"ffmpeg doesn't run ({error})") from error
    if done:
        for path in paths:
            _decoded(path).unlink(missing_ok=True)
