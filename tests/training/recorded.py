"""Small trees of recordings of the shapes that people download, made of tones and noise."""

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 16_000


def word(label: int, speaker: int, take: int, seconds: float = 0.5) -> np.ndarray:
    """int16 of something like a word: its label sets three formants, its speaker the pitch."""
    rng = np.random.default_rng([label, speaker, take])
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    pitch = 100 + 20 * speaker + rng.uniform(-3, 3)
    partials = np.arange(1, 30) * pitch
    tops = np.array([300 + 250 * label, 900 + 400 * label, 2_500 + 100 * label])
    loud = np.exp(-(((partials[:, np.newaxis] - tops) / 200) ** 2)).sum(axis=1)
    sound = (loud[:, np.newaxis] * np.sin(2 * np.pi * partials[:, np.newaxis] * t)).sum(axis=0)
    sound *= np.sin(np.pi * t / seconds) ** 2 * (1 + 0.5 * np.sin(2 * np.pi * (3 + label) * t))
    sound = 6_000 * sound / np.abs(sound).max() + rng.normal(size=len(t)) * 15
    before = rng.normal(size=round(rng.uniform(0.1, 0.3) * RATE_HZ)) * 15
    after = rng.normal(size=round(rng.uniform(0.1, 0.3) * RATE_HZ)) * 15
    return np.concatenate([before, sound, after]).round().astype(np.int16)


def commands(folder: Path, labels: int = 3, speakers: int = 4, takes: int = 2) -> Path:
    """A folder for each word, files called as those of Speech Commands."""
    for label in range(labels):
        place = folder / f"word{label}"
        place.mkdir(parents=True)
        for speaker in range(speakers):
            for take in range(takes):
                name = f"{speaker:08x}_nohash_{take}.flac"
                soundfile.write(place / name, word(label, speaker, take), RATE_HZ)
    return folder


def digits(folder: Path, speakers: tuple[str, ...] = ("ann", "bob"), takes: int = 2) -> Path:
    """Files called as those of FSDD, 8 kHz, and all in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for digit in range(3):
        for n, speaker in enumerate(speakers):
            for take in range(takes):
                sound = word(digit, n, take)[::2]
                soundfile.write(folder / f"{digit}_{speaker}_{take}.wav", sound, 8_000)
    return folder
