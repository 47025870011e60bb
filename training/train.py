"""From folders of sound to a network: mix, fit, mine, fit again.

Each stage leaves a file in the work folder; a run that was killed goes on from the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..models.frontend import FrontEnd
from ..synth.palette import Clip, Palette
from .corpus import CorpusError, hours, in_half, read_clips, read_folders
from .examples import ExampleMaker, Examples
from .fit import FitSettings, Progress, fit
from .measure import keras_scorer
from .mine import mine
from .recipe import STRIDE, Recipe
from .shards import Shards

Say = Callable[[str], None]


@dataclass(frozen=True)
class Sound:
    """All that a run hears. Nothing of `held_out`, `test_words` or `test_near` is fitted on."""

    palette: Palette
    held_out: Sequence[Clip]
    test_words: Sequence[Clip]
    test_near: Sequence[Clip]


def read_sound_for(
    clips: Path,
    negatives: Sequence[Path],
    halves: Sequence[Path],
    noise: Sequence[Path],
    held_out: Sequence[Path],
) -> Sound:
    """Read every folder; of `halves` half the files are fitted on, half held out.

    `clips` holds ``positive``, and if there are any ``hard`` and ``sentence``, each with a
    ``manifest.jsonl`` that splits them by voice. Raises `CorpusError`.
    """
    halved = read_folders(halves)
    mine_half = [c for c in halved if in_half(c.name, 0)]
    palette = Palette(
        word=read_clips(clips / "positive", "train"),
        hard=_optional(clips / "hard", "train"),
        speech=[*read_folders(negatives), *mine_half, *_optional(clips / "sentence", "train")],
        noise=read_folders(noise),
    )
    kept = [*read_folders(held_out), *(c for c in halved if in_half(c.name, 1))]
    if not kept:
        raise CorpusError("no speech is held out to set the threshold by; give --held-out DIR")
    words = read_clips(clips / "positive", "validation")
    if not words:
        raise CorpusError(f"{clips / 'positive'}: no clip is for validation; add some voices")
    return Sound(palette, kept, words, _optional(clips / "hard", "validation"))


def _optional(folder: Path, split: str) -> list[Clip]:
    return read_clips(folder, split) if folder.is_dir() else []


@dataclass(frozen=True)
class Run:
    """One word's training; `work` is its folder of half-made things."""

    recipe: Recipe
    sound: Sound
    work: Path
    processes: int
    say: Say

    def mixed(self) -> Examples:
        """The first examples."""
        return self._mix("mixed", self.recipe.examples, self.sound.palette, self.recipe.seed)

    def mined(self, model: Any) -> Examples:
        """Examples around what the network fires on in the speech that it was fitted on."""
        palette, r = self.sound.palette, self.recipe
        others = [*palette.speech, *palette.hard]
        finds = mine(keras_scorer(model), FrontEnd(r.frontend), others, STRIDE)
        worst = ", ".join(f"{f.clip.name} ({f.score:.2f})" for f in finds[:3])
        self.say(f"mining: {len(finds)} finds; does any of the first say the word? {worst}")
        if not finds:
            return self._mix("mined", r.mined, palette, r.seed + 1)
        shares = tuple((k, 0.4 if k == "hard" else s) for k, s in r.mixtures.shares)
        found = replace(palette, hard=[*palette.hard, *(f.clip for f in finds)])
        maker = replace(self, recipe=replace(r, mixtures=replace(r.mixtures, shares=shares)))
        return maker._mix("mined", r.mined, found, r.seed + 1)

    def _mix(self, name: str, count: int, palette: Palette, seed: int) -> Examples:
        r = self.recipe
        shards = Shards(self.work / name, count)
        shards.begin({"recipe": r.to_dict(), "hours": heard_hours(self.sound)})
        maker = ExampleMaker(palette, [r.frontend], STRIDE, seed, r.mixtures, r.labels)
        shards.make(maker, self.processes, lambda n: self.say(f"{name}: {n}/{count} examples"))
        return shards.read()

    def fitted(self) -> Any:
        """The network after both fits, with its averaged weights."""
        import keras

        from ..models.trigger import TriggerSize, trigger_default

        r = self.recipe
        keras.utils.set_random_seed(r.seed)
        model = trigger_default(TriggerSize(bands=r.frontend.bands))
        first = self.mixed()
        self._fit("first fit", model, first, r.first_fit)
        more = self.mined(model)
        self._fit("second fit", model, first.joined(more), r.second_fit)
        return model

    def _fit(self, name: str, model: Any, examples: Examples, settings: FitSettings) -> None:
        def tell(p: Progress) -> None:
            done = f"epoch {p.epoch}/{p.epochs}, loss {p.loss:.4f}"
            self.say(f"{name}: {done}, {p.left_s / 60:.1f} min left")

        checkpoint = self.work / f"{name.replace(' ', '-')}.npz"
        seed = self.recipe.seed
        fit(model, lambda epoch: examples, settings, seed, checkpoint=checkpoint, report=tell)


def heard_hours(sound: Sound) -> dict[str, float]:
    """How much of what there was, for the manifest."""
    p = sound.palette
    parts = {"word": p.word, "near words": p.hard, "speech": p.speech, "noise": p.noise}
    return {name: round(hours(clips), 2) for name, clips in parts.items()}
