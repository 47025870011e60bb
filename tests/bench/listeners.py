"""The engines as they are judged: a sound goes in, out come its firings at each operating point.

Operating points rise in strictness. wakeful and PocketSphinx have scores, from which one pass gives
every point; Porcupine has none, and is run once for each sensitivity. Between two firings lie
1.5 s at the least, whoever fires.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from engines import Samples
from wakeful.models.bundle import BundleError, load_bundle
from wakeful.models.runtime import TriggerModel
from wakeful.training.hearing import hear

RATE_HZ = 16_000
REFRACTORY = 24_000

Firings = list[list[int]]
"""For each operating point the samples at which it fires."""


@dataclass(frozen=True)
class Listener:
    """`own` is the point that the engine is shipped with; `points` are what is swept."""

    engine: str
    swept: str
    points: tuple[float, ...]
    own: float
    has_scores: bool
    hear: Callable[[Samples], Firings] = field(repr=False)


def wakeful(word: str) -> Listener:
    """The shipped model of the word, through the pipeline that ships."""
    model = TriggerModel(load_bundle(word))
    own = model.bundle.manifest.detector.threshold
    steps = 1 / (1 + np.exp(-np.linspace(-7, 10, 120)))
    points = tuple(sorted({*np.round(steps, 6).tolist(), own}))

    def listen(sound: Samples) -> Firings:
        heard = hear(model, [sound])
        return [heard.firings(t) for t in points]

    return Listener("wakeful", "threshold", points, own, True, listen)


_SENSITIVITIES = (1.0, 0.75, 0.5, 0.25, 0.0)


def porcupine(word: str, sensitivities: tuple[float, ...] = _SENSITIVITIES) -> Listener:
    """One instance for each sensitivity, since it says yes or no and nothing else."""
    import pvporcupine

    if word not in pvporcupine.KEYWORDS:
        raise LookupError(word)
    ears = [pvporcupine.create(keywords=[word], sensitivities=[s]) for s in sensitivities]

    def listen(sound: Samples) -> Firings:
        size = ears[0].frame_length
        frames = [sound[at : at + size].tolist() for at in range(0, len(sound) - size + 1, size)]
        fired: Firings = []
        for ear in ears:
            hits = [n for n, frame in enumerate(frames, 1) if ear.process(frame) >= 0]
            fired.append(thinned(n * size for n in hits))
        return fired

    return Listener("porcupine", "sensitivity", sensitivities, 0.5, False, listen)


_LOG_BASE = math.log(1.0001)
_PENALTY, _SHIFT = 1_500, 1_024
_CHUNK, _FRAME = 1_024, 160
_LEAST = -50


def pocketsphinx(word: str) -> Listener:
    """Keyword search, once, at a threshold of 1e-50: each find tells which others it would pass.

    Against passes at 1e-40 to 1e-5 on 25 recordings that was so for every one of them. It is told
    as the decimal logarithm of ``kws_threshold``; the manual's example has 1e-20.
    """
    from pocketsphinx import Decoder

    points = tuple(float(n) for n in range(_LEAST, 41, 2))
    decoder = Decoder(keyphrase=word, kws_threshold=10.0**_LEAST, lm=None, loglevel="FATAL")
    if not decoder.lookup_word(word):
        raise LookupError(word)

    def listen(sound: Samples) -> Firings:
        decoder.start_utt()
        for at in range(0, len(sound), _CHUNK):
            decoder.process_raw(sound[at : at + _CHUNK].tobytes(), False, False)
        found = [(s.end_frame * _FRAME, _passes(s.prob)) for s in decoder.seg() or []]
        decoder.end_utt()
        found.sort()
        return [thinned(at for at, passes in found if passes >= p) for p in points]

    return Listener("pocketsphinx", "log10 of kws_threshold", points, -20.0, True, listen)


def _passes(prob: float) -> float:
    """The strictest threshold, as a power of ten, at which a find with this `prob` is one."""
    if prob <= 0:
        return -math.inf
    return (math.log(prob) / _LOG_BASE + _PENALTY) * _SHIFT * _LOG_BASE / math.log(10)


def thinned(samples: Iterable[int]) -> list[int]:
    """Without those that follow another within the refractory time."""
    kept: list[int] = []
    for sample in samples:
        if not kept or sample - kept[-1] > REFRACTORY:
            kept.append(sample)
    return kept


def narrowed(ear: Listener, word: str, chosen: float | None) -> Listener:
    """The same at the chosen point and its own, where each further point costs a further run."""
    if ear.has_scores:
        return ear
    kept = tuple(p for p in ear.points if p in (ear.own, chosen))
    return porcupine(word, kept)


_ALL: Sequence[Callable[[str], Listener]] = (wakeful, porcupine, pocketsphinx)


def listeners(word: str) -> list[Listener]:
    """Those engines that know the word, ours first."""
    found = []
    for make in _ALL:
        try:
            found.append(make(word))
        except (BundleError, LookupError):
            print(f"{make.__name__}: does not know {word!r}")
    return found
