"""Folders of recordings ninefold: ``seven/3.wav`` becomes ``seven/3-x0.7-1.flac`` and so on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..models.errors import UsageError, WakefulError
from ..models.whole_file import whole
from .levels import to_float, to_int16
from .ninefold import VARIANTS, nine
from .progress import Show
from .shelf import read_sound
from .voice import SAMPLE_RATE_HZ, Sound

SUFFIXES = (".aif", ".aiff", ".flac", ".mp3", ".ogg", ".wav")


class NinefoldError(WakefulError):
    """There is nothing to make nine of, or nowhere to put them."""


@dataclass(frozen=True)
class Made:
    """How many recordings there are, and how many files were not there before."""

    recordings: int
    written: int


def make_ninefold(folder: Path, out: Path, show: Show) -> Made:
    """Write what is missing; raises `NinefoldError`, or what `read_sound` and `nine` raise."""
    if out.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{out}: lies in {folder}, of which nine are made; give another --out")
    recordings, written = _recordings(folder), 0
    for number, path in enumerate(recordings, 1):
        written += _write_missing(path, out / path.relative_to(folder).with_suffix(""))
        show(number, len(recordings))
    return Made(len(recordings), written)


def _recordings(folder: Path) -> Sequence[Path]:
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise NinefoldError(f"{folder}: holds no {', '.join(SUFFIXES)}; give recordings")
    names = Counter(p.with_suffix("") for p in found)
    twice = next((str(name) for name, times in names.items() if times > 1), None)
    if twice:
        raise NinefoldError(f"{twice}: is there with two endings; take one of them away")
    return found


def _write_missing(recording: Path, stem: Path) -> int:
    files = {v.name: stem.with_name(f"{stem.name}-{v.name}.flac") for v in VARIANTS}
    missing = [name for name, file in files.items() if not file.exists()]
    if missing:
        made = nine(to_float(read_sound(recording)))
        for name in missing:
            _write(made[name], files[name])
    return len(missing)


def _write(sound: Sound, file: Path) -> None:
    """WORLD's overshoots are cut off at full scale."""
    import soundfile

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole(file) as beside:
            soundfile.write(beside, to_int16(sound), SAMPLE_RATE_HZ, "PCM_16", format="FLAC")
    except (OSError, soundfile.SoundFileError) as error:
        raise NinefoldError(f"{file}: can't be written ({error}); run it again") from error
