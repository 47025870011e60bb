"""Where in a phrase the word lies that the phrase begins or ends with."""

from __future__ import annotations

import numpy as np

from .align import locate
from .voice import SAMPLE_RATE_HZ, Sound

MOST_COST = 0.06
_MOST_OFF_S = 0.08
_FRAME = SAMPLE_RATE_HZ // 100
_ON_FRAMES = 8
_BELOW_LOUDEST_DB = 40.0


def keyword_span(word: Sound, phrase: Sound, first: bool) -> tuple[int, int] | None:
    """From sample to sample; None where the word isn't found with some certainty.

    `word` is the same speaker saying it alone, and both are trimmed. `first` tells whether the
    phrase begins with the word: then it is found only if what is like it begins there too, and
    it is taken to begin with the clip. Otherwise it has to end where the clip ends.

    Of 174 phrases with "activate", "computer" or "voyager" a cost of 0.06 and the right edge keep
    all of eSpeak's, 98 % of Flite's, half of Piper's and Pico's and a fifth of Kokoro's, and none
    in which another word was said in its place. At 0.15 it would be four in five of Kokoro's, 5 to
    22 % with the other word for four of the five engines, and a network that was fitted on those
    fired on people who said something else: a word lost costs less than one in the wrong place.
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
