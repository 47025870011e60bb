"""The letters in what whisper's encoder hears: examples made once, a small network fitted on them.

Utterances are heard in rooms and noise as for `asr-default`; what the encoder makes of each is kept
in parts on disk, since it costs far more than the network that learns from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.errors import WakefulError
from ..models.frontend import FrontEndConfig
from ..models.letters import OUTPUTS, encode, steps_needed
from ..models.whisper import encoded, find_weights, load_whisper
from ..models.whisper_letters import (
    Convolution,
    LetterHead,
    save_head,
    standardised,
    within,
)
from ..models.whole_file import whole
from ..synth.mixture import compose
from ..synth.palette import Clip
from .asr_examples import SPOKEN, Batch, SpokenExamples
from .asr_fit import Chapter, CtcSettings, fit_ctc
from .asr_speech import Speech, Utterance

Say = Callable[[str], None]
Steps = npt.NDArray[np.float16]

WIDTH = 384
_PART = 500
_BATCH = 16
_STRIDE = 2


class HeadError(WakefulError):
    """The examples can't be used."""


@dataclass(frozen=True)
class Heard:
    """What the encoder made of some utterances, and what was said in each."""

    steps: tuple[Steps, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)


def hear_examples(
    utterances: Sequence[Utterance],
    noise: Sequence[Clip],
    folder: Path,
    count: int,
    seed: int,
    say: Say,
) -> list[Path]:
    """Parts of `_PART` examples each, those that aren't there yet; returns all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [folder / f"part-{number:04d}.npz" for number in range(-(-count // _PART))]
    missing = [number for number, path in enumerate(parts) if not path.is_file()]
    if missing:
        examples = SpokenExamples(utterances, FrontEndConfig(), seed, noise, mixtures=SPOKEN)
        model = load_whisper(find_weights(), 1)
    for number in missing:
        size = min(_PART, count - number * _PART)
        _save(parts[number], list(_heard(examples, model, [seed, number], size)))
        say(f"heard: part {number + 1} of {len(parts)}")
    return parts


def _heard(
    examples: SpokenExamples, model: Any, seed: Sequence[int], count: int
) -> Iterator[tuple[Steps, str]]:
    """Utterances in drawn order, short ones in rows, each as the encoder hears it."""
    rng = np.random.default_rng(list(seed))
    strings = list(examples.strings(rng))
    for number in rng.choice(len(strings), count, replace=count > len(strings)):
        mixture = examples.draw(strings[number], rng)
        samples = compose(mixture, examples.palette)
        steps = within(encoded(model, samples)[0], len(samples))
        text = " ".join(examples.utterances[i].text for i in strings[number])
        yield steps.astype(np.float16), text


def _save(path: Path, rows: Sequence[tuple[Steps, str]]) -> None:
    arrays: dict[str, Any] = {
        "steps": np.concatenate([steps for steps, _ in rows]),
        "lengths": np.array([len(steps) for steps, _ in rows]),
        "texts": np.array([text for _, text in rows]),
    }
    with whole(path) as beside, beside.open("wb") as file:
        np.savez(file, **arrays)


def read_examples(paths: Sequence[Path]) -> Heard:
    """All parts; raises `HeadError` where one is none."""
    steps: list[Steps] = []
    texts: list[str] = []
    for path in paths:
        try:
            with np.load(path) as saved:
                cuts = np.cumsum(saved["lengths"])[:-1]
                steps += np.split(saved["steps"], cuts)
                texts += [str(text) for text in saved["texts"]]
        except (OSError, ValueError, KeyError) as error:
            raise HeadError(f"{path}: no examples ({error}); take it away") from error
    return Heard(tuple(steps), tuple(texts))


def head_network(units: int = 160) -> Any:
    """Over what `standardised` gives: two convolutions and a dense layer, none looking far.

    The first takes every second step; each pads both its ends alike.
    """
    from ..models.keras_import import keras

    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((None, WIDTH)),
            layers.SpatialDropout1D(0.1),
            layers.ZeroPadding1D(1),
            layers.Conv1D(units, 3, strides=2, activation="relu"),
            layers.Dropout(0.15),
            layers.Conv1D(units, 5, padding="same", activation="relu"),
            layers.Dropout(0.15),
            layers.Conv1D(OUTPUTS, 1),
        ],
        name="whisper-letters",
    )


def batches(heard: Heard, seed: int) -> Callable[[int], Iterator[Batch]]:
    """By length, in drawn order; what is said too quickly to be written is left out."""
    labels = [encode(text) for text in heard.texts]
    fits = [
        i
        for i, numbers in enumerate(labels)
        if numbers and steps_needed(numbers) <= len(heard.steps[i]) // _STRIDE
    ]

    def epoch(number: int) -> Iterator[Batch]:
        rng = np.random.default_rng([seed, number])
        length = np.array([len(heard.steps[i]) for i in fits]) * rng.uniform(0.95, 1.05, len(fits))
        order = np.array(fits)[np.argsort(length)]
        cuts = [order[at : at + _BATCH] for at in range(0, len(order), _BATCH)]
        for k in rng.permutation(len(cuts)):
            yield _batch([(heard.steps[i], labels[i]) for i in cuts[k]])

    return epoch


def _batch(rows: Sequence[tuple[Steps, list[int]]]) -> Batch:
    frames = max(len(x) for x, _ in rows)
    steps = np.array([-(-len(x) // _STRIDE) for x, _ in rows], np.int32)
    lengths = np.array([len(numbers) for _, numbers in rows], np.int32)
    features = np.zeros((len(rows), frames, WIDTH), np.float32)
    labels = np.zeros((len(rows), lengths.max()), np.int32)
    for row, (x, numbers) in enumerate(rows):
        features[row, : len(x)] = standardised(x.astype(np.float32))
        labels[row, : len(numbers)] = numbers
    return Batch(features, steps, labels, lengths)


def fit_head(heard: Heard, work: Path, minutes: float, seed: int, say: Say) -> LetterHead:
    """Fitted, with the losses in `about`; a stopped fit goes on."""
    from ..models.keras_import import keras

    keras.utils.set_random_seed(seed)
    model = head_network()
    settings = CtcSettings(minutes=minutes, peak_rate=3e-3, weight_decay=1e-3, average=0.99)

    def report(chapter: Chapter) -> None:
        say(f"{100 * chapter.share:3.0f} %: loss {chapter.loss:.3f}")

    losses = fit_ctc(
        model,
        batches(heard, seed),
        settings,
        checkpoint=work / "fit.npz",
        report=report,
    )
    head = head_of(model, {"losses": [round(loss, 4) for loss in losses]})
    return replace(head, usual=usual_of(head, heard))


def usual_of(head: LetterHead, heard: Heard) -> npt.NDArray[np.float32]:
    """The logarithm of each symbol's mean probability, over some of what was heard."""
    some = heard.steps[:: max(1, len(heard) // 200)]
    rows = np.concatenate([head(x.astype(np.float32)) for x in some])
    usual: npt.NDArray[np.float32] = np.log(np.exp(rows).mean(axis=0) + np.float32(1e-4))
    return usual


def head_of(model: Any, about: dict[str, Any]) -> LetterHead:
    """The convolutions that a fitted network holds."""
    from ..models.keras_import import keras

    found = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv1D)]
    return LetterHead(
        tuple(
            Convolution(
                np.asarray(layer.get_weights()[0], np.float32),
                np.asarray(layer.get_weights()[1], np.float32),
                dilation=int(layer.dilation_rate[0]),
                stride=int(layer.strides[0]),
            )
            for layer in found
        ),
        about,
    )


@dataclass(frozen=True)
class HeadRequest:
    """What was asked for."""

    out: Path
    examples: int = 6_000
    minutes: float = 20.0
    seed: int = 1
    command: str = ""
    data: tuple[dict[str, Any], ...] = ()


def train_head(request: HeadRequest, speech: Speech, noise: Sequence[Clip], say: Say) -> LetterHead:
    """Hear, fit and write ``whisper-letters.npz``; measured is what `compare grammar` measures."""
    work = request.out / ".whisper-letters-work"
    parts = hear_examples(speech.fitted, noise, work, request.examples, request.seed, say)
    head = fit_head(read_examples(parts), work, request.minutes, request.seed, say)
    about = head.about | {"command": request.command, "seed": request.seed}
    about |= {"data": list(request.data), "hours": speech.hours()["fitted"]}
    made = replace(head, about=about)
    save_head(request.out / "whisper-letters.npz", made)
    return made
