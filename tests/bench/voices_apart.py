"""How well `wakeful enroll --verify` tells people apart, by the very code that does it.

    voices_apart.py                             # synthetic voices say the model's own word
    voices_apart.py --clips commands            # real people: WORD/SPEAKER_nohash_N.flac
    voices_apart.py --clips commands --state gru2_h

Synthetic: each speaker says the word at ten speeds, pitches, levels and amounts of noise, and the
voiceprint is the one that a wake brings. Real people: where each clip's loud part ends, as a wake
would, since the word is not the model's own; people are compared who said the same word. Five takes
make a profile; the rest and everybody else are held against it.
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from wakeful.daemon import voiceprint
from wakeful.daemon.opening import open_models
from wakeful.daemon.reports import level_dbfs
from wakeful.daemon.settings import Settings
from wakeful.daemon.takes import Take, TakesError, voiceprints_of
from wakeful.daemon.verifier import centre, least_likeness
from wakeful.daemon.voiceprint import Recall, Vector
from wakeful.models.frontend import FrontEnd
from wakeful.models.runtime import TriggerModel
from wakeful.synth.engines import installed

ENROLLED, TAKES, LOUD_DB = 5, 10, 15.0
Group = list[list[Vector]]
"""The voiceprints of people who said the same word, person by person."""


def in_room(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """int16 with a quiet second around it."""
    padded = np.pad(sound, (16_000, 9_600))
    return (padded + rng.normal(0, 8, len(padded))).round().clip(-32_768, 32_767).astype(np.int16)


def said_otherwise(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A take as another one of the same person: speed and pitch, level, tone, noise."""
    speed = rng.uniform(0.93, 1.07)
    sound = soxr.resample(sound, 16_000, 16_000 * speed)
    sound = sound + rng.uniform(-0.25, 0.25) * np.pad(sound[:-1], (1, 0))
    sound *= 10 ** (rng.uniform(-26, -6) / 20) / np.abs(sound).max()
    noise = rng.normal(0, np.sqrt(np.mean(sound**2)), len(sound))
    return (sound + noise * 10 ** (-rng.uniform(15, 30) / 20)) * 32_767


def synthetic(model: TriggerModel, speakers: int, rng: np.random.Generator) -> Iterator[Group]:
    """Drawn speakers of every installed engine, as many of each."""
    engines, _ = installed()
    word, group = model.bundle.manifest.labels[0], []
    for engine in itertools.islice(itertools.cycle(engines.values()), speakers):
        splits = [held_out for held_out in (False, True) if engine.voices(held_out)]
        speaker = engine.draw(rng, held_out=splits[int(rng.integers(len(splits)))])
        texts = (word, f"{word}.", f"{word}!", f"{word},", f"{word}?")
        sounds = [engine.speak(text, speaker) for text in texts]
        clips = [in_room(said_otherwise(s, rng), rng) for s in sounds * (TAKES // len(sounds))]
        takes = [Take("", clip, 1.0, 0.0, "") for clip in clips]
        try:
            group.append(voiceprints_of(takes, model, Settings()))
        except TakesError:
            print(f"not heard: {speaker}")
    yield group


def real(model: TriggerModel, folder: Path, rng: np.random.Generator) -> Iterator[Group]:
    """People with more than five takes of one word."""
    for word in sorted(path for path in folder.iterdir() if path.is_dir()):
        people = defaultdict(list)
        for path in sorted(word.glob("*_nohash_*")):
            people[path.name.partition("_")[0]].append(path)
        clips = [paths for paths in people.values() if len(paths) > ENROLLED - 1]
        group = [
            [at_end(model, in_room(soundfile.read(p, dtype="int16")[0], rng)) for p in paths]
            for paths in clips
        ]
        if len(group) > 2:
            yield group


def at_end(model: TriggerModel, samples: np.ndarray) -> Vector:
    """The voiceprint where the loud part ends."""
    config = model.bundle.frontend
    size, frontend = config.block_samples, FrontEnd(config)
    features, state, recall = frontend.new_state(), model.new_state(), Recall(model)
    blocks = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    levels = [level_dbfs(block) for block in blocks]
    last = max(n for n, level in enumerate(levels) if level > max(levels) - LOUD_DB)
    for block in blocks[: last + 1]:
        model.step(state, frontend.step(features, block))
        recall.take(state)
    return recall.voiceprint()


def compare(groups: Iterator[Group]) -> None:
    """Each person's profile against their other takes and everybody else's; print the rates."""
    own, others, rejected, accepted, people = [], [], [], [], 0
    for group in groups:
        people += len(group)
        for number, prints in enumerate(group):
            strangers = list(itertools.chain(*group[:number], *group[number + 1 :]))
            for left_out in range(len(prints)):
                rest = (prints[left_out + 1 :] + prints[:left_out])[:ENROLLED]
                if len(rest) < ENROLLED - 1:
                    continue
                limit, middle = least_likeness(rest), centre(rest)
                likeness, theirs = float(middle @ prints[left_out]), np.stack(strangers) @ middle
                own.append(likeness)
                others.append(theirs)
                rejected.append(likeness < limit)
                accepted.append(float(np.mean(theirs >= limit)))
    told(np.array(own), np.concatenate(others), people)
    print(f"at the profile's own limit: {np.mean(rejected):.1%} of own takes refused, ", end="")
    print(f"{np.mean(accepted):.1%} of strangers' taken for their own")


def told(own: np.ndarray, others: np.ndarray, people: int) -> None:
    """The rate at which as many are refused as let in, over one limit for all."""
    limits = np.quantile(np.r_[own, others], np.linspace(0, 1, 2_001))
    refused = np.searchsorted(np.sort(own), limits) / len(own)
    let_in = 1 - np.searchsorted(np.sort(others), limits) / len(others)
    at = int(np.argmin(np.abs(refused - let_in)))
    print(
        f"{people} people, each once a word; {len(own)} own and {len(others)} foreign comparisons"
    )
    print(f"equal error rate {(refused[at] + let_in[at]) / 2:.1%}")


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="activate")
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--speakers", type=int, default=35)
    parser.add_argument("--state", help="another state than the one that is used")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    (model,) = open_models([args.model])
    rng = np.random.default_rng(args.seed)
    if args.state:
        chosen: str = args.state
        setattr(voiceprint, "telling_state", lambda _: chosen)  # noqa: B010 -- on purpose
    compare(real(model, args.clips, rng) if args.clips else synthetic(model, args.speakers, rng))


if __name__ == "__main__":
    main()
