"""A recording as a card of a page: all that a network might be given of it, and its sound.

Waveform with the speech that webrtcvad finds, log-spectrogram, mel, MFCC and their second
differences, on one axis of time; then the same at 16 and 8 kHz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..models.features import LINEAR_161, LOG_MEL_80, Frames
from ..models.mfcc import MFCC_13, deltas
from ..synth.levels import Samples, Sound, to_float, to_int16
from ..synth.page import Markup, joined, tag
from ..synth.picture import HEIGHT, WIDTH, area, heat, wave_path
from ..synth.timeline import strip, timeline
from .corpora_sound import resampled
from .explore_measure import RATE_HZ, UNREADABLE, why_not
from .explore_sound import first_part, opus_player
from .explore_voice import MARGIN_S, spans_of
from .lines import Line, lines_svg

LONGEST_S = 5.0
_LOUDEST_DB = 60.0
_MOST_COLUMNS = 400
"""A card is hardly wider."""


@dataclass(frozen=True)
class Shown:
    """A recording, and what is said of it above and below its name."""

    path: Path
    title: str
    said: str
    rate_hz: int = RATE_HZ
    """Of the file: above half of it there is nothing to be seen."""
    whole: bool = True
    """With all pictures; else with waveform and mel alone."""
    anchor: str = ""
    """By what it is found in the page."""


def card(shown: Shown) -> Markup:
    """An article of it, or a line that says why it can't be read any more."""
    try:
        sound = first_part(shown.path, LONGEST_S)
    except UNREADABLE as error:
        why = tag("p", why_not(shown.path, error), class_="faint")
        return joined(tag("h3", shown.title), why)
    cut = f"; its first {LONGEST_S:g} s" if len(sound) == round(LONGEST_S * RATE_HZ) else ""
    return heard_card(replace(shown, said=f"{shown.said}{cut}"), sound)


def heard_card(shown: Shown, sound: Samples) -> Markup:
    """The same of a sound at 16 kHz that was read already."""
    heading, spans = tag("h3", shown.title), spans_of(sound)
    said = tag("p", f"{shown.said}; {_speech_told(sound, spans)}", class_="faint")
    strips, heard = _strips(sound, spans, shown), opus_player(sound, said=shown.title)
    parts = [heading, said, timeline(*strips, length_s=len(sound) / RATE_HZ, heard=heard)]
    if shown.whole:
        parts.append(_two_rates(sound))
    return tag("article", *parts, class_="clip", **({"id": shown.anchor} if shown.anchor else {}))


def _speech_told(sound: Samples, spans: Sequence[tuple[float, float]]) -> str:
    if not spans:
        return "no speech found"
    length_s = len(sound) / RATE_HZ
    left_s = min(length_s, spans[-1][1] + MARGIN_S) - max(0.0, spans[0][0] - MARGIN_S)
    return f"speech from {spans[0][0]:.2f} to {spans[-1][1]:.2f} s, {left_s / length_s:.0%} left"


def _strips(sound: Samples, spans: Sequence[tuple[float, float]], shown: Shown) -> list[Markup]:
    wave = area("wave", "waveform", *_shaded(sound, spans), tag("path", d=wave_path(sound)))
    mel = LOG_MEL_80.whole(sound)
    if not shown.whole:
        return [strip("waveform, speech shaded", wave), strip("mel", _picture("mel", mel))]
    cepstra = MFCC_13.whole(sound)
    second = deltas(deltas(cepstra)) if len(cepstra) else cepstra
    bins = min(LINEAR_161.bands, shown.rate_hz // 100 + 1)
    lines = LINEAR_161.whole(sound)[:, :bins]
    return [
        strip("waveform, speech shaded", wave),
        strip(f"log-spectrogram, 0 to {(bins - 1) / 20:g} kHz", _picture("spectrum", lines)),
        strip("mel, 80 bands", _picture("mel", mel)),
        strip("MFCC 1 to 12", _picture("cepstra", cepstra[:, 1:])),
        strip("their second difference", _picture("cepstra", second[:, 1:])),
    ]


def _picture(name: str, frames: Frames) -> Markup:
    """Logarithmic powers down to 60 dB below the loudest; cepstra from end to end."""
    low, high = np.percentile(frames, [2, 99.8]) if frames.size else (0.0, 1.0)
    if name != "cepstra":
        low = max(low, high - _LOUDEST_DB * np.log(10) / 10)
    return area(name, name, *([heat(_narrowed(frames), low, high)] if frames.size else []))


def _narrowed(frames: Frames) -> Frames:
    """No more columns than can be seen, each the mean of some."""
    starts = np.linspace(0, len(frames), min(len(frames), _MOST_COLUMNS), endpoint=False).astype(
        int
    )
    sums: Frames = np.add.reduceat(frames, starts, axis=0)
    counts = np.diff(starts, append=len(frames)).astype(np.float32)
    return sums / counts[:, np.newaxis]


def _shaded(sound: Samples, spans: Sequence[tuple[float, float]]) -> list[Markup]:
    across = WIDTH * RATE_HZ / max(1, len(sound))
    return [
        tag(
            "rect",
            class_="voiced",
            x=f"{start * across:.1f}",
            width=f"{(end - start) * across:.1f}",
            y="0",
            height=str(HEIGHT),
        )
        for start, end in spans
    ]


def _two_rates(sound: Samples) -> Markup:
    """What 8 kHz takes away, as a spectrum and to be heard."""
    wide = to_float(sound)
    narrow = resampled(wide, RATE_HZ, RATE_HZ // 2)
    lines = [_fft(wide, RATE_HZ, "16 kHz"), _fft(narrow, RATE_HZ // 2, "8 kHz")]
    picture = lines_svg(lines, "Hz", "dB", "spectrum at 16 and at 8 kHz")
    hear = opus_player(to_int16(narrow), RATE_HZ // 2, "the same at 8 kHz")
    return tag("details", tag("summary", "At 16 and at 8 kHz, with its FFT"), joined(picture, hear))


def _fft(sound: Sound, rate_hz: int, name: str) -> Line:
    """The mean power in each of at most 200 pieces of the whole sound's FFT, in dB."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    pieces_ = np.array_split(power, min(200, len(power)))
    db = 10 * np.log10(np.array([piece.mean() for piece in pieces_]) + 1e-12)
    hz = np.linspace(0, rate_hz / 2, len(db))
    return Line(name, hz.tolist(), np.maximum(db, db.max() - 80).tolist())
