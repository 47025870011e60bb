"""One recognizer by its name: fitted on transcribed speech, measured, and ours made a bundle.

The older ones take features as they were, SGD and whole clips; `asr-default` begins with the
shipped backbone and hears every utterance in rooms and noise. A run that was stopped goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..models.bundle import Bundle, TrainingData
from ..models.ctc import greedy, log_softmax
from ..models.frontend import FrontEnd, FrontEndConfig
from ..models.letters import OUTPUTS
from ..models.transcriber import LABELS, Transcriber
from ..models.whole_file import write_whole
from .asr_examples import SpokenExamples
from .asr_features import BANDS, FeatureName, PlainExamples
from .asr_fit import OLDER, Chapter, CtcSettings, fit_ctc
from .asr_score import ErrorRates, Misread, error_rates, worst_read
from .asr_speech import Speech, SpokenClips, Utterance, read_speech
from .corpus import read_folders
from .export import Origin, Weights, save_step

Say = Callable[[str], None]

DEFAULT = "asr-default"
_MAY_LOSE = 0.01
"""The 8-bit step is kept if it has no more than so many more errors a character."""


@dataclass(frozen=True)
class AsrRequest:
    """What was asked for. `minutes` above 0 are the time to fit in; else `epochs` count."""

    name: str
    speech: Sequence[Path]
    held_out: Sequence[Path] = ()
    noise: Sequence[Path] = ()
    out: Path = Path()
    epochs: int = 20
    minutes: float = 0.0
    features: FeatureName | None = None
    measured_with: int = 500
    """Of the held-out utterances no more than so many are written down."""
    seed: int = 1
    command: str = ""
    data: tuple[TrainingData, ...] = ()

    @property
    def work(self) -> Path:
        """Where a stopped run finds what it had."""
        return self.out / f".{self.name}-work"

    @property
    def losses(self) -> Path:
        """The loss of every chapter."""
        return self.out / f"{self.name}.losses.json"


@dataclass(frozen=True)
class Trained:
    """A fitted recognizer: what it weighs, what it cost, and how wrong it is on held-out speech."""

    name: str
    parameters: int
    losses: tuple[float, ...]
    rates: ErrorRates | None
    bundle: Bundle | None = None
    worst: tuple[Misread, ...] = ()
    """What it read worst of the held-out speech."""

    def figures(self) -> dict[str, Any]:
        """For ``--json`` and a manifest."""
        found: dict[str, Any] = {"name": self.name, "parameters": self.parameters}
        found["loss"] = round(self.losses[-1], 4) if self.losses else None
        return found | ({"held_out": self.rates.figures()} if self.rates else {})


def train_asr(request: AsrRequest, say: Say) -> Trained:
    """Fit one recognizer; raises a `WakefulError`."""
    speech = read_speech(request.speech, request.held_out)
    say(f"speech in hours: {speech.hours()}; left out: {speech.left_out or 'nothing'}")
    request.work.mkdir(parents=True, exist_ok=True)
    return (
        _train_ours(request, speech, say)
        if request.name == DEFAULT
        else _train_older(request, speech, say)
    )


def _train_older(request: AsrRequest, speech: Speech, say: Say) -> Trained:
    from ..models.asr import build

    features = request.features or ("mfcc" if request.name == "asr-final" else "spectrogram")
    model = build(request.name, BANDS[features])
    examples = PlainExamples(speech.fitted, request.name, features, request.seed)
    losses = _fitted(request, model, examples, replace(OLDER, epochs=request.epochs), say)
    held = PlainExamples(_some(speech, request), request.name, features, request.seed)
    # The usual level is that of what was fitted on.
    held.__dict__["_usual"] = examples._usual
    written = [greedy(log_softmax(_logits(model, held.frames(i)))).text for i in _numbers(held)]
    read = _Read(held.utterances, written)
    count = int(model.count_params())
    return Trained(request.name, count, tuple(losses), read.rates(), worst=read.worst())


def _numbers(held: PlainExamples) -> range:
    return range(len(held.utterances))


def _logits(model: Any, frames: Any) -> Any:
    # A convolution has nothing to say about less than its kernel.
    if len(frames) < 11:
        return np.zeros((0, OUTPUTS), np.float32)
    return model(frames[np.newaxis]).numpy()[0]


def _train_ours(request: AsrRequest, speech: Speech, say: Say) -> Trained:
    from ..models.asr import build
    from .backbone import load_backbone

    model = build(DEFAULT)
    load_backbone().put_under(model)
    frontend = FrontEndConfig()
    noise = read_folders(request.noise)
    examples = SpokenExamples(speech.fitted, frontend, request.seed, noise)
    settings = CtcSettings(epochs=request.epochs, minutes=request.minutes)
    losses = _fitted(request, model, examples, settings, say)
    return finish(request, model, speech, losses, say)


def finish(
    request: AsrRequest, model: Any, speech: Speech, losses: Sequence[float], say: Say
) -> Trained:
    """Export as float and 8-bit, measure both on held-out speech, keep one of them."""
    some = _some(speech, request)
    tried = {w: export_asr(model, request, w) for w in ("float32", "int8")}
    read = {w: _measured(bundle, some) for w, bundle in tried.items()}
    rates = {w: found.rates() for w, found in read.items()}
    say(f"held out: {', '.join(f'{w} {r.figures()}' for w, r in rates.items() if r)}")
    exact, small = rates["float32"], rates["int8"]
    loses = (small.characters - exact.characters) if small and exact else 0.0
    kept: Weights = "int8" if loses <= _MAY_LOSE else "float32"
    measured = {"held_out": found.figures()} if (found := rates[kept]) else {}
    bundle = _kept(tried[kept], request, measured)
    count, worst = int(model.count_params()), read[kept].worst()
    return Trained(DEFAULT, count, tuple(losses), rates[kept], bundle, worst)


def _fitted(
    request: AsrRequest,
    model: Any,
    examples: SpokenExamples | PlainExamples,
    settings: CtcSettings,
    say: Say,
) -> list[float]:
    def report(chapter: Chapter) -> None:
        say(
            f"{request.name}: {100 * chapter.share:3.0f} %, epoch {chapter.epoch + 1}, "
            f"batch {chapter.batches}: loss {chapter.loss:.3f}"
        )

    losses = fit_ctc(
        model,
        examples.epoch,
        settings,
        checkpoint=request.work / "fit.npz",
        report=report,
        batches_an_epoch=examples.batches(),
    )
    write_whole(request.losses, json.dumps({"name": request.name, "losses": losses}).encode())
    return losses


def export_asr(model: Any, request: AsrRequest, weights: Weights) -> Bundle:
    """The streaming step as a bundle of kind ``asr``, in the work folder."""
    from ..models.streaming import convert

    frontend = FrontEndConfig()
    step = convert(model, frontend.block_frames, weights, values=OUTPUTS)
    origin = Origin(request.command, DEFAULT, request.seed, request.data)
    return save_step(request.work / f"{DEFAULT}-{weights}", step, "asr", LABELS, frontend, origin)


def _kept(bundle: Bundle, request: AsrRequest, measured: dict[str, Any]) -> Bundle:
    import msgspec

    from ..models.bundle import load_bundle, save_bundle

    manifest = msgspec.structs.replace(bundle.manifest, measured=measured)
    return load_bundle(save_bundle(request.out / DEFAULT, manifest, bundle.tflite))


def _some(speech: Speech, request: AsrRequest) -> list[Utterance]:
    """Held-out utterances, drawn so that no folder's order decides."""
    held = list(speech.held_out)
    drawn = np.random.default_rng(request.seed).permutation(len(held))
    return [held[i] for i in sorted(drawn[: request.measured_with])]


@dataclass(frozen=True)
class _Read:
    """Utterances, and what was written for each; there may be none."""

    utterances: Sequence[Utterance]
    written: Sequence[str]

    def rates(self) -> ErrorRates | None:
        said = [u.text for u in self.utterances]
        return error_rates(said, self.written) if said else None

    def worst(self) -> tuple[Misread, ...]:
        files = [u.path for u in self.utterances]
        return tuple(worst_read(files, [u.text for u in self.utterances], self.written))


def _measured(bundle: Bundle, utterances: Sequence[Utterance]) -> _Read:
    """By the exported step, as it will run."""
    transcriber, clips = Transcriber(bundle), SpokenClips(utterances, kept_samples=0)
    return _Read(
        utterances, [transcriber.transcribe(clips[i].samples).text for i in range(len(clips))]
    )


def largest_difference(model: Any, bundle: Bundle, samples: Any) -> float:
    """How far the bundle's log-probabilities are from the network's, at worst."""
    heard = Transcriber(bundle).hear(samples)
    frames = FrontEnd(bundle.frontend).whole(samples)
    whole = log_softmax(model(frames[np.newaxis]).numpy()[0])
    both = min(len(whole), len(heard))
    return float(np.abs(whole[:both] - heard[:both]).max(initial=0.0))
