"""How long from the end of what was said to its answer in a subscriber's hands.

    python tests/bench/answering.py --words 20
    python tests/bench/answering.py --words 20 --grammar docs/home.grammar

The word in the shipped recording, then one of the ten commands by espeak-ng, or one of a grammar's
sentences, in a quiet room, through a sound server and a microphone whose samples we time, to
`wakeful daemon` as it is installed and its recognizer's process. A command is counted from its last
sample, a sentence from its `speech.end`: nobody can know sooner that it is over. Who speaks while
the daemon's own chime may still be heard (`--after 0.5`) is understood when that is over. Exits
with 1 when the answers come too late.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread for all

import latency
import numpy as np
import running
import sound as sounds
from pipe_microphone import pipe_microphone
from verdict import Verdict, verdict_line
from wakeful.daemon.settings import RecognizerSettings
from wakeful.models.grammar import read_grammar
from wakeful.synth.espeak import Espeak
from wakeful.synth.voice import Speaker
from wakeful.training.corpora_classes import COMMANDS

_LOUDEST = 12_000
_ROOM_S, _AFTER_WORD_S, _BETWEEN_S = 0.5, 1.6, 5.0
_LOADING_S = 6.0
_AT_MOST_MS = 120.0


@dataclass(frozen=True)
class Answered:
    """One command: what was said, what was answered, and what that took."""

    said: str
    label: str
    after_speech_end_ms: float
    after_last_sample_ms: float


_SPEAKER = Speaker("espeak-ng", "en-us", {"rate": 175, "pitch": 50})
"""As espeak-ng speaks where it is told nothing."""


def spoken(word: str) -> sounds.Samples:
    """By espeak-ng, without the silence around it."""
    heard = Espeak().speak(word, _SPEAKER)
    loud = np.flatnonzero(np.abs(heard) > 0.02 * np.abs(heard).max())
    heard = heard[loud[0] : loud[-1] + 1]
    louder: sounds.Samples = np.rint(heard / np.abs(heard).max() * _LOUDEST).astype(np.int16)
    return louder


def scene(words: Sequence[str], after_s: float) -> tuple[sounds.Samples, list[int]]:
    """Each command after a wake word, and the last sample of each."""
    (wake,) = latency.words_of(None)
    parts, ends, at = [], [], 0
    for word in words:
        said = spoken(word)
        piece = [sounds.room(_ROOM_S), wake.samples[: wake.end], sounds.room(after_s)]
        parts += [*piece, said, sounds.room(_BETWEEN_S)]
        ends.append(at + sum(map(len, piece)) + len(said))
        at = ends[-1] + len(parts[-1])
    return np.concatenate(parts), ends


def answers(
    told: Sequence[latency.Told], words: Sequence[str], ends_s: Sequence[float]
) -> list[Answered]:
    """Each command that was answered, with the `speech.end` before it."""
    found, ended_s = [], 0.0
    for one in told:
        if one.topic == "speech.end":
            ended_s = one.at_s
        elif one.topic == "command":
            number = int(np.searchsorted(ends_s, one.at_s)) - 1
            late_ms, after_ms = 1e3 * (one.at_s - ended_s), 1e3 * (one.at_s - ends_s[number])
            body = json.loads(one.body)
            heard = body["text"] or body["label"]
            found.append(Answered(words[number], heard, late_ms, after_ms))
    return found


def sentences(grammar: Path, count: int) -> list[str]:
    """Some of a grammar, the same each time."""
    compiled, rng = read_grammar(grammar), np.random.default_rng(1)
    return [compiled.draw(rng)[0] for _ in range(count)]


def measure(
    folder: Path, words: Sequence[str], model: str, after_s: float, recognizer: str
) -> list[Answered]:
    """One daemon, as many commands; `recognizer` is that part of its configuration."""
    sound, ends = scene(words, after_s)
    more = f"[recognizer]\n{recognizer}"
    with (
        pipe_microphone(folder) as microphone,
        running.daemon(folder, model, environment=microphone.environment, more=more) as process,
        latency.subscriber(f"ipc://{folder}/events.sock") as heard,
    ):
        time.sleep(_LOADING_S)
        began_s = microphone.play(sound)
        process.terminate()
        told = latency.told_to(heard)
    return answers(told, words, [began_s + end / sounds.RATE_HZ for end in ends])


def main() -> int:
    """Measure, print, and say whether it is soon enough."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=20)
    parser.add_argument("--model", default="activate")
    parser.add_argument(
        "--after",
        type=float,
        default=_AFTER_WORD_S,
        help="seconds between the word and the command (default: %(default)s)",
    )
    parser.add_argument(
        "--early",
        type=float,
        default=RecognizerSettings().early_s,
        help="silence in which a sure command is answered; 0: never (default: %(default)s)",
    )
    parser.add_argument(
        "--ahead",
        type=float,
        default=RecognizerSettings().ahead_s,
        help="silence in which it is asked already; 0: at the end (default: %(default)s)",
    )
    parser.add_argument("--grammar", type=Path, help="sentences of this file instead of commands")
    options = parser.parse_args()
    asking = f"early_s = {options.early}\nahead_s = {options.ahead}\n"
    if options.grammar:
        words = sentences(options.grammar, options.words)
        recognizer = f'kind = "grammar"\ngrammar = "{options.grammar.resolve()}"\n{asking}'
    else:
        words = [COMMANDS[n % len(COMMANDS)] for n in range(options.words)]
        recognizer = f'kind = "commands"\n{asking}'
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), words, options.model, options.after, recognizer)
    after_ms = [a.after_last_sample_ms for a in found] or [np.inf]
    late_ms = [a.after_speech_end_ms for a in found] or [np.inf]
    of_sample, of_end = (
        Verdict(f"{since} to command, median", float(np.median(all_ms)), _AT_MOST_MS, "ms")
        for since, all_ms in (("last sample", after_ms), ("speech.end", late_ms))
    )
    for verdict, all_ms in ((of_sample, after_ms), (of_end, late_ms)):
        print(verdict_line(verdict))
        print(f"       99th percentile: {np.percentile(all_ms, 99):.0f} ms")
    verdict = of_end if options.grammar else of_sample
    right = sum(a.said == a.label for a in found)
    print(f"{len(found)} of {len(words)} commands answered, {right} rightly")
    return 0 if verdict.is_met and len(found) == len(words) else 1


if __name__ == "__main__":
    sys.exit(main())
