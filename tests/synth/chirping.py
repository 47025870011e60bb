"""Two made-up words that only aligning tests know: the same sounds never twice."""

import numpy as np


def chirps(pitches, seconds=0.15):
    """A word of a few sounds, each a harmonic tone that glides."""
    t = np.arange(int(16_000 * seconds)) / 16_000
    edge = np.minimum(1, np.minimum(t, seconds - t) * 60)
    tones = [
        sum(np.sin(2 * np.pi * (f * k * t + 300 * t * t)) / k for k in (1, 2, 3)) * edge
        for f in pitches
    ]
    return (0.1 * np.concatenate(tones)).astype(np.float32)


WORD, OTHER = chirps([300, 900, 500, 1_400]), chirps([1_200, 250, 700, 2_000, 400])
