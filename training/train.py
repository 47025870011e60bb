"""From sound to a network: mix, fit, mine, fit again.

Each stage leaves a file in the work folder; a run that was killed goes on from the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..models.frontend import FrontEnd
from ..synth.palette import Clip, Palette
from .examples import ExampleMaker, Examples
from .finds import keep_finds, kept_finds
from .fit import FitSettings, Progress, fit
from .measure import keras_scorer
from .mine import mine
from .recipe import AFTER_MINING, STRIDE, Recipe
from .shards import Shards
from .sound import Sound

Say = Callable[[str], None]


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

    def found(self, model: Any) -> Sequence[Clip]:
        """What the network fires on in what it was fitted on; kept for a person to hear."""
        folder = self.work / "finds"
        kept = kept_finds(folder)
        if kept is None:
            p = self.sound.palette
            others = [*p.speech, *p.hard, *p.noise]
            finds = mine(keras_scorer(model), FrontEnd(self.recipe.frontend), others, STRIDE)
            keep_finds(folder, finds)
            worst = ", ".join(f"{f.clip.name} ({f.score:.2f})" for f in finds[:3])
            self.say(f"mining: {len(finds)} finds in {folder}; do the first say the word? {worst}")
            kept = [f.clip for f in finds]
        return kept

    def mined(self, finds: Sequence[Clip]) -> Examples:
        """Examples around what was found, beside more of all the others."""
        palette, r = self.sound.palette, self.recipe
        if finds:
            palette = replace(palette, hard=[*palette.hard, *finds])
            r = replace(r, mixtures=replace(r.mixtures, shares=AFTER_MINING))
        return replace(self, recipe=r)._mix("mined", r.mined, palette, r.seed + 1)

    def _mix(self, name: str, count: int, palette: Palette, seed: int) -> Examples:
        r = self.recipe
        shards = Shards(self.work / name, count)
        shards.begin({"recipe": r.to_dict(), "hours": self.sound.hours()})
        maker = ExampleMaker(palette, [r.frontend], STRIDE, seed, r.mixtures, r.labels, r.taught)
        shards.make(maker, self.processes, lambda n: self.say(f"{name}: {n}/{count} examples"))
        return shards.read()

    def fitted(self, until: str = "refit") -> Any:
        """The network after both fits, with its averaged weights; sooner if `until` says so."""
        first = self.mixed()
        if until == "mix":
            return None
        model, fitted = self._begun()
        self._fit("first fit", fitted, first, self.recipe.first_fit)
        if until == "fit":
            return model
        finds = self.found(model)
        if until == "mine":
            return model
        examples = first.joined(self.mined(finds))
        self._fit("second fit", fitted, examples, self.recipe.second_fit)
        return model

    def _begun(self) -> tuple[Any, Any]:
        """The network, and the same with the outputs that it is fitted by."""
        import keras

        from ..models.trigger import TriggerSize, trigger_default, with_embedding
        from .backbone import load_backbone
        from .teacher import WIDTH

        r = self.recipe
        keras.utils.set_random_seed(r.seed)
        model = trigger_default(TriggerSize(bands=r.frontend.bands))
        fitted = with_embedding(model, WIDTH) if r.taught else model
        if r.backbone:
            load_backbone().put_into(fitted)
        return model, fitted

    def _fit(self, name: str, model: Any, examples: Examples, settings: FitSettings) -> None:
        def tell(p: Progress) -> None:
            done = f"epoch {p.epoch}/{p.epochs}, loss {p.loss:.4f}"
            self.say(f"{name}: {done}, {p.left_s / 60:.1f} min left")

        checkpoint = self.work / f"{name.replace(' ', '-')}.npz"
        seed = self.recipe.seed
        fit(model, lambda epoch: examples, settings, seed, checkpoint=checkpoint, report=tell)
