"""Where in a phrase the word lies that the phrase begins or ends with."""

from __future__ import annotations

import numpy as np

from .align import locate
from .voice import SAMPLE_RATE_HZ, Sound

MOST_COST = 0.15
_MOST_OFF_S = 0.08
_FRAME = SAMPLE_RATE_HZ // 100
_ON_FRAMES = 8
_BELOW_LOUDEST_DB = 40.0


def keyword_span(word: Sound, phrase: Sound, first: bool) -> tuple[int, int] | None:
    """From sample to sample; None where the word isn't found with some certainty.

    `word` is the same speaker saying it alone, and both are trimmed. `first` tells whether the
    phrase begins with the word: then it is found only if what is like it begins there too, and
    it is taken to begin with the clip. Otherwise it has to end where the clip ends.

    The cost alone does not tell: eSpeak says its word again at a cost of 0.03 and less, a voice
    that moves as people do at 0.05 to 0.25, and other words cost 0.06 and more. The place does: of
    260 phrases with "activate" or "computer" by six engines, all of eSpeak's, 95 % of Flite's and
    Piper's, 76 % of Pico's and half of Kokoro's and hibari's are found at the right edge and at
    0.15 or less. With another word in its place, 0 to 16 % are for "activate"; for "computer",
    which "potato" rhymes with in a flat voice, up to 68 %: no voice leaves its word out, though.
    """
    span = locate(word, phrase)
    if span is None or span.cost > MOST_COST:
        return None
    off = span.start if first else len(phrase) - span.end
    if off > _MOST_OFF_S * SAMPLE_RATE_HZ:
        return None
    if first:
        return 0, _at_the_pause(phrase, span.end)
    return len(phrase) - _at_the_pause(phrase[::-1], len(phrase) - span.start), len(phrase)


def _at_the_pause(sound: Sound, end: int) -> int:
    """Where the sound stops that is there before `end`: in a pause back to where that begins.

    Aligning alone ends 10 to 90 ms late, and Pico's words up to 0.4 s, since one silence is like
    another. Where it ended early, the sound may go on for another 80 ms.
    """
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME)
    level = np.sqrt(np.mean(frames * frames, axis=1))
    sounding = level > level.max() * 10 ** (-_BELOW_LOUDEST_DB / 20)
    last = min(end // _FRAME, len(sounding))
    before = np.flatnonzero(sounding[:last])
    if len(before) and before[-1] < last - 1:
        return int(before[-1] + 2) * _FRAME
    quiet = np.flatnonzero(~sounding[last : last + _ON_FRAMES])
    return int(last + quiet[0] + 1) * _FRAME if len(quiet) else end
