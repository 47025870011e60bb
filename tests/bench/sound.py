"""The sounds that every engine is given: speech without a pause or with some, and silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.int16]
RATE_HZ = 16_000
VOICE = Path(__file__).parents[1] / "data" / "voice.flac"


def speech(folder: Path | None, seconds: float) -> Samples:
    """Speech end to end: of a folder of recordings, else one sentence at changing levels."""
    wanted = round(seconds * RATE_HZ)
    files = sorted(f for f in folder.rglob("*") if f.is_file()) if folder else [VOICE]
    parts: list[Samples] = []
    have = 0
    rng = np.random.default_rng(0)
    while have < wanted:
        for file in files:
            samples = _read(file)
            if samples is None:
                continue
            part = samples if folder else _at_level(samples, rng.uniform(-40, -14))
            parts.append(part)
            have += len(part)
            if have >= wanted:
                break
        if not have:
            raise SystemExit(f"bench: no 16 kHz mono sound in {folder}")
    return np.concatenate(parts)[:wanted]


def _read(file: Path) -> Samples | None:
    if file.suffix.lower() not in {".wav", ".flac", ".ogg"}:
        return None
    samples, rate = soundfile.read(file, dtype="int16")
    return samples if rate == RATE_HZ and samples.ndim == 1 else None


def _at_level(samples: Samples, dbfs: float) -> Samples:
    rms = np.sqrt(np.mean(samples.astype(np.float64) ** 2)) / 32_768
    scaled: Samples = (samples * (10 ** (dbfs / 20) / rms)).clip(-32_768, 32_767).astype(np.int16)
    return scaled


def zeros(seconds: float) -> Samples:
    """What a muted microphone gives."""
    return np.zeros(round(seconds * RATE_HZ), np.int16)


def room(seconds: float, dbfs: float = -62.0) -> Samples:
    """What a quiet room gives: steady noise, falling with frequency."""
    white = np.random.default_rng(0).normal(size=round(seconds * RATE_HZ))
    spectrum = np.fft.rfft(white)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 100))
    noise = np.fft.irfft(spectrum, len(white))
    return _at_level((noise / np.abs(noise).max() * 30_000).astype(np.int16), dbfs)


def mixed(folder: Path | None, seconds: float) -> Samples:
    """Speech and a quiet room in turns of five seconds: the gate opens and closes all the time."""
    talk, quiet = speech(folder, seconds), room(seconds)
    step = 5 * RATE_HZ
    for at in range(step, len(talk), 2 * step):
        talk[at : at + step] = quiet[at : at + step]
    return talk
