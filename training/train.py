"""From sound to a network: mix, fit, go on several ways and take their mean, mine, fit again.

Each stage leaves a file in the work folder; a run that was killed goes on from the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..synth.progress import bar
from .examples import ExampleMaker, Examples, join
from .finds import keep_finds, kept_finds
from .fit import FitSettings, Progress, fit
from .measure import keras_scorer
from .mine import Find, MineSettings, mine, negatives
from .recipe import STRIDE, Recipe
from .resting import resting
from .scalars import loss_writer
from .shards import Shards
from .sound import Sound
from .ways import go_ways, part_way

WORDS_PART = 2
Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """One word's training; `work` is its folder of half-made things."""

    recipe: Recipe
    sound: Sound
    work: Path
    processes: int
    say: Say
    tensorboard: Path | None = None
    """Where losses are written for TensorBoard, a folder for each fit."""

    @property
    def fits(self) -> list[str]:
        """What the fits are called, in their order."""
        ways = [f"way {way + 1}" for way in range(self.recipe.ways)]
        return ["last layer", "first fit", *ways, "second fit"]

    def checkpoint(self, fit: str) -> Path:
        """What a fit leaves behind."""
        return self.work / f"{_stem(fit)}.npz"

    def mixed(self, way: int) -> Examples:
        """The examples of one way, of which no other has heard."""
        maker = replace(self._maker(), seed=self.recipe.seed + 10 * way)
        return self._shards(f"mixed-{way + 1}", maker, self.recipe.examples)

    def found(self, model: Any) -> Sequence[Find]:
        """Mixtures without the word that the network takes for it; kept for a person to hear."""
        folder, maker = self.work / "finds", self._negatives()
        kept = kept_finds(folder)
        if kept is None:
            r = self.recipe
            settings = MineSettings(candidates=r.candidates, most=r.mined)
            show = bar(" mixtures")
            kept = mine(
                keras_scorer(model),
                maker,
                settings,
                self.processes,
                lambda done: show(done, r.candidates),
            )
            keep_finds(folder, kept, maker)
            worst = ", ".join(f"{f.score:.2f}" for f in kept[:3])
            self.say(f"mining: {len(kept)} finds; does any in {folder} say the word? {worst}")
        return kept

    def mined(self, finds: Sequence[Find]) -> Examples:
        """What was found, and half as many more of the word."""
        r = self.recipe
        numbers = [find.number for find in finds]
        others = replace(self._negatives(), numbers=numbers)
        said = replace(r.mixtures, shares=(("word", 1.0),))
        words = replace(self._maker(), mixtures=said, seed=r.seed + 2)
        count = -(-len(finds) // WORDS_PART)
        return join(
            [self._shards("mined", others, len(finds)), self._shards("mined-words", words, count)]
        )

    def _maker(self) -> ExampleMaker:
        r = self.recipe
        palette = self.sound.palette
        return ExampleMaker(palette, [r.frontend], STRIDE, r.seed, r.mixtures, r.labels)

    def _negatives(self) -> ExampleMaker:
        return negatives(self._maker(), self.recipe.seed + 1)

    def _shards(self, name: str, maker: ExampleMaker, count: int) -> Examples:
        told = {"recipe": self.recipe.to_dict(), "hours": self.sound.hours()}
        return Shards(self.work / name, count).filled(told, maker, self.processes, self.say)

    def fitted(self, until: str = "refit") -> Any:
        """The network, a part of the way from the ways' mean to the refit, or `until` a stage."""
        if until == "mix":
            for way in range(self.recipe.ways):
                self.mixed(way)
            return None
        model = self._begun()
        self._ways(model)
        if until == "fit":
            return model
        finds = self.found(model)
        if until == "mine":
            return model
        if finds:
            before = model.get_weights()
            examples = self.mixed(0).joined(self.mined(finds))
            self._fit(self.fits[-1], model, examples, self.recipe.second_fit)
            part_way(model, before, self.recipe.refit_share)
        return model

    def _ways(self, model: Any) -> None:
        """The last layer, a first fit, from which several go on, each on mixtures of its own; then
        their mean."""
        r = self.recipe
        head, first, *ways, _ = self.fits

        def go(way: int) -> None:
            self._fit(ways[way], model, self.mixed(way), r.way_fit, 1 + way)

        with resting(model.layers[:-1]):
            self._fit(head, model, self.mixed(0), r.head_fit)
        self._fit(first, model, self.mixed(0), r.first_fit)
        go_ways(model, r.ways, go)

    def _begun(self) -> Any:
        """The network as it is before the first fit."""
        from ..models.keras_import import keras
        from ..models.trigger import TriggerSize, trigger_default
        from .backbone import load_backbone

        r = self.recipe
        keras.utils.set_random_seed(r.seed)
        model = trigger_default(TriggerSize(bands=r.frontend.bands))
        if r.backbone:
            load_backbone().put_into(model)
        return model

    def _fit(
        self, name: str, model: Any, examples: Examples, settings: FitSettings, way: int = 0
    ) -> None:
        write = loss_writer(self.tensorboard / _stem(name)) if self.tensorboard else None

        def tell(p: Progress) -> None:
            done = f"epoch {p.epoch}/{p.epochs}, loss {p.loss:.4f}"
            self.say(f"{name}: {done}, {p.left_s / 60:.1f} min left")
            if write:
                write(p)

        checkpoint = self.checkpoint(name)
        seed = self.recipe.seed + 10 * way
        fit(model, lambda epoch: examples, settings, seed, checkpoint=checkpoint, report=tell)


def _stem(fit: str) -> str:
    return fit.replace(" ", "-")
