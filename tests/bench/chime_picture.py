"""Draw docs/chime.png: a command spoken into the chime, before and after the chime is taken out.

python tests/bench/chime_picture.py docs/chime.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import soundfile
from wakeful.daemon.chime_removal import remove_chime
from wakeful.daemon.chime_sounds import load_chime

RATE_HZ = 16_000
VOICE = Path(__file__).parents[1] / "data" / "voice.flac"

Reals = npt.NDArray[np.float64]


def scene() -> tuple[Reals, Reals, Reals]:
    """The chime as played, as it is in the room, and a voice that begins 0.2 s after it."""
    rng = np.random.default_rng(3)
    time_s = np.arange(RATE_HZ // 2) / RATE_HZ
    echoes = rng.normal(size=len(time_s)) * 10 ** (-6 * time_s)
    response = np.concatenate([[1.0], 0.5 * echoes / np.linalg.norm(echoes)])
    played = load_chime("wake", "", -12.0, RATE_HZ).reference()
    chime, voice = np.zeros(2 * RATE_HZ), rng.normal(size=2 * RATE_HZ) * 6
    came = np.convolve(played, response)
    chime[8_000 : 8_000 + len(came)] = came
    spoken, _ = soundfile.read(VOICE, dtype="int16")
    spoken = spoken[3_400:].astype(np.float64) * 0.25
    voice[11_200:] += spoken[: len(voice) - 11_200]
    return played, chime, voice


def draw(path: Path) -> None:
    """Three spectrograms, one below the other, on one scale."""
    played, chime, voice = scene()
    heard = np.rint(chime + voice).astype(np.int16)
    cleaned = remove_chime(heard, played, 7_000).samples
    figure, rows = plt.subplots(3, 1, figsize=(8, 6), sharex=True, layout="constrained")
    named = {
        "what the microphone hears": heard,
        "what is handed on": cleaned,
        "the voice alone": voice,
    }
    for row, (title, sound) in zip(rows, named.items(), strict=True):
        row.specgram(
            np.asarray(sound, np.float64),
            NFFT=512,
            Fs=RATE_HZ,
            noverlap=384,
            vmin=-30,
            vmax=45,
            cmap="magma",
        )
        row.set(title=title, ylabel="Hz", ylim=(0, 6_000))
    rows[-1].set_xlabel("seconds")
    figure.savefig(path, dpi=72)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
