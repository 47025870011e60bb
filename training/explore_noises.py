"""The five noises that are laid under clips, with the slopes that they have and should have."""

from __future__ import annotations

import numpy as np

from ..models.features import LINEAR_161, LinearSpectrogram
from ..synth.levels import Sound, to_int16
from ..synth.noise import SLOPE_DB_PER_OCTAVE, Colour, coloured
from ..synth.page import Markup, columns, section, tag
from ..synth.picture import area, heat, wave_path
from ..synth.timeline import timeline
from .explore_sound import opus_player
from .lines import Line, lines_svg

_SECONDS, _RATE_HZ = 20, 16_000
_ORDER: tuple[Colour, ...] = ("blue", "pink", "brown", "violet", "white")
"""In which charts take their colours: blue is drawn blue."""
_FIRST_HZ, _LAST_HZ = 100, 7_000
_LEVEL = 0.05
_POWER = LinearSpectrogram(window_samples=2_048, hop_samples=1_024, scale="power")


def measured_slope(sound: Sound) -> tuple[list[float], list[float], float]:
    """(octaves above 100 Hz, dB, dB an octave): the line through the mean power of its bins."""
    power = _POWER.whole(sound).mean(axis=0, dtype=np.float64)
    hz = np.arange(len(power)) * _RATE_HZ / _POWER.window_samples
    kept = (hz >= _FIRST_HZ) & (hz <= _LAST_HZ)
    octaves, db = np.log2(hz[kept] / _FIRST_HZ), 10 * np.log10(power[kept])
    # As many places in each octave: else the highest would count for half of all.
    even = np.linspace(octaves[0], octaves[-1], 64)
    level = np.interp(even, octaves, np.convolve(np.pad(db, 4, "edge"), np.ones(9) / 9, "valid"))
    slope = float(np.polyfit(even, level, 1)[0])
    return even.tolist(), (level - level[len(level) // 2]).tolist(), slope


def noises_section() -> Markup:
    """Their spectra over one another, a table of slopes, and each to be seen and heard."""
    found = {c: coloured(c, _SECONDS * _RATE_HZ, np.random.default_rng(7)) for c in _ORDER}
    curves, rows = [], []
    for colour, sound in found.items():
        octaves, db, slope = measured_slope(sound)
        curves.append(Line(colour, octaves, db))
        rows.append((colour, _told(SLOPE_DB_PER_OCTAVE[colour]), _told(slope)))
    return section(
        "noises",
        "The five noises that training lays under clips",
        "Straight lines on an axis of octaves; white is level.",
        lines_svg(curves, "octaves above 100 Hz", "dB", "spectra of the five noises"),
        columns("Slope, dB an octave", ("noise", "should be", "is"), rows),
        tag("div", *(_card(colour, sound) for colour, sound in found.items()), class_="cards"),
    )


def _told(slope: float) -> str:
    return f"{slope:+.2f}".replace("-", "−")


def _card(colour: Colour, sound: Sound) -> Markup:
    frames = LINEAR_161.whole(sound[:_RATE_HZ])
    samples = to_int16((sound * _LEVEL).astype(np.float32))
    low, high = np.percentile(frames, [1, 99.8])
    wave = area("wave", "waveform", tag("path", d=wave_path(samples[:_RATE_HZ])))
    picture = area("spectrum", f"spectrogram of {colour} noise", heat(frames, low, high))
    heard = opus_player(samples[:_RATE_HZ], said=f"{colour} noise")
    shown = timeline(wave, picture, length_s=1.0, heard=heard)
    return tag("article", tag("h3", colour), shown, class_="clip")
