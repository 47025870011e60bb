"""A word as text becomes a bundle: every stage in order, each from the files of the one before."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..models.bundle import TrainingData
from ..models.errors import UsageError
from ..synth.clips import KINDS, Order, make_clips
from ..synth.engines import ENGINES, installed
from ..synth.phrases import texts_for
from ..synth.progress import bar
from ..synth.pronounce import grapheme_to_phoneme
from .corpus import CorpusError, length_s, rows_of, sound_files
from .export import Origin
from .pace import Pace
from .plan import Asked, planned, planned_pace
from .recipe import Recipe
from .report import Training, write_report
from .scalars import require_folder
from .ship import Measured, ship
from .sound import Folders, read_sound_for, require_clips
from .stopwatch import Stopwatch
from .train import Run, Say

NO_SPEECH = (
    "without --negatives false accepts are judged by synthetic speech alone: "
    "real speech makes a better model; wakeful speech install gets hours of it"
)
STAGES = ("clips", "mix", "fit", "mine", "refit", "export")


@dataclass(frozen=True)
class Request:
    """What was asked for. Without `clips` they are made. `until`: the last stage to be done."""

    word: str
    out: Path
    minutes: float = 60.0
    seed: int = 1
    processes: int = 2
    clips: Sequence[Path] = ()
    positives: Sequence[Path] = ()
    negatives: Sequence[Path] = ()
    backgrounds: Sequence[Path] = ()
    held_out: Sequence[Path] = ()
    near: Sequence[str] = ()
    engines: Sequence[str] = ()
    data: Sequence[TrainingData] = ()
    until: str = STAGES[-1]
    command: str = ""
    tensorboard: Path | None = None

    @property
    def work(self) -> Path:
        """The folder of half-made things, beside the bundle."""
        return self.out / f".{Recipe(self.word).name}-work"

    @property
    def folders(self) -> Folders:
        """Where all the sound is, once the clips are made."""
        return Folders(
            self.clips or [self.work / "clips"],
            self.positives,
            self.negatives,
            self.backgrounds,
            self.held_out,
        )


def train_word(request: Request, say: Say) -> Measured | None:
    """Do what is not done yet, up to the stage asked for; the bundle if that is the last one.

    Raises `UsageError` and what each stage raises, all of them `WakefulError`.
    """
    r = request
    _refuse_empty(r)
    watch = Stopwatch(r.work)
    say = watch.telling(say)
    if not (r.negatives or r.held_out):
        say(NO_SPEECH)
    order = None if r.clips else _order(r, say)
    if not r.work.is_dir():
        say("measuring how fast this machine is")
    asked = Asked(r.word, r.minutes, r.seed, order is not None)
    recipe = planned(r.work, asked, order, r.processes)
    say(_told(recipe))
    if order:
        _clips(replace(order, counts=recipe.clips), r, say)
    if r.until == "clips":
        return None
    run, made = _from_clips(r, recipe, say)
    if made:
        _report(r, run, made, watch.spent_s(), planned_pace(r.work, asked))
    return made


def _report(r: Request, run: Run, made: Measured, taken_s: float, pace: Pace | None) -> None:
    clips = r.folders.clips
    done = Training(run, made, clips, not r.clips, r.command, r.minutes, taken_s, pace)
    run.say(f"report: {write_report(done)}")


def _from_clips(r: Request, recipe: Recipe, say: Say) -> tuple[Run, Measured | None]:
    sound = read_sound_for(r.folders)
    say(", ".join(f"{hours} h {name}" for name, hours in sound.hours().items()))
    run = Run(recipe, sound, r.work, r.processes, say, r.tensorboard)
    model = run.fitted(r.until)
    if r.until != STAGES[-1]:
        return run, None
    origin = Origin(r.command, json.dumps(recipe.to_dict()), r.seed, _data(r))
    return run, ship(run, model, r.out / recipe.name, origin)


def _refuse_empty(r: Request) -> None:
    """Before an hour of work: the word has a name, every folder holds sound, there is a place."""
    _ = Recipe(r.word)
    require_clips(r.clips)
    for folder in (*r.positives, *r.negatives, *r.backgrounds, *r.held_out):
        sound_files(folder)
    try:
        r.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{r.out}: {error.strerror}; give another --out") from error
    if r.tensorboard:
        require_folder(r.tensorboard)


def _order(r: Request, say: Say) -> Order:
    """What to have said, by the engines that are there; the counts come with the plan."""
    there, missing = installed(r.engines or ENGINES)
    for line in missing.values():
        say(f"left out: {line}")
    texts = texts_for(r.word, near=r.near, g2p=grapheme_to_phoneme())
    return Order(texts, {}, tuple(there), r.seed)


def _told(recipe: Recipe) -> str:
    clips = ", ".join(f"{count} {kind}" for kind, count in recipe.clips.items()) or "as given"
    mixed = f"{recipe.ways} × {recipe.examples} mixtures, {recipe.candidates} mined"
    return f"{recipe.word!r}: clips: {clips}; {mixed}"


def _clips(order: Order, r: Request, say: Say) -> None:
    made = make_clips(order, r.work / "clips", r.processes, bar(" clips"))
    dropped = sum(sum(reasons.values()) for reasons in made.dropped.values())
    say(", ".join(f"{n} {kind}" for kind, n in made.clips.items()) + f"; {dropped} takes dropped")
    if not made.clips.get("positive"):
        raise CorpusError(f"no voice could say {r.word!r}; try it with `wakeful voices say`")


def _data(r: Request) -> list[TrainingData]:
    """What was fitted on, with licences as far as they are known."""
    folders = () if r.data else (*r.positives, *r.negatives, *r.backgrounds)
    said = [TrainingData(f"speech by {name}", licence, h) for name, licence, h in _said(r)]
    return [*said, *r.data, *(TrainingData(f.name, "not stated", 0.0) for f in folders)]


def _said(r: Request) -> list[tuple[str, str, float]]:
    """Each engine's name, licence, and hours of clips."""
    heard: dict[tuple[str, str], float] = defaultdict(float)
    for kind in KINDS:
        for path, row in rows_of(r.folders.clips, kind):
            engine, licence = row.get("engine", "unknown"), row.get("licence", "not stated")
            heard[engine, licence] += length_s(path)
    return [(*key, round(seconds / 3600, 3)) for key, seconds in sorted(heard.items())]
