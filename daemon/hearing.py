"""What is listened for: settings, with the models and voices made ready for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..models.runtime import TriggerModel
from .events import Stamp
from .opening import open_judges, open_models
from .pipeline import Pipeline
from .settings import Settings
from .verifier import Judge


@dataclass(frozen=True)
class Hearing:
    """A configuration that has been found to work, as far as hearing goes."""

    settings: Settings
    models: Sequence[TriggerModel]
    judges: Mapping[str, Judge]

    @property
    def names(self) -> list[str]:
        """The models' names."""
        return [model.bundle.name for model in self.models]

    def pipeline(self, stamp: Stamp) -> Pipeline:
        """A pipeline at sample 0; raises `BundleFrontEndError` if the models don't go together."""
        return Pipeline(self.settings, self.models, stamp, judges=self.judges)


def open_hearing(settings: Settings, config: str | None = None) -> Hearing:
    """Everything that the settings name; raises a `WakefulError` for the first that can't be used.

    `config` is the file named on the command line, beside which profiles lie.
    """
    models = open_models(settings.models)
    return Hearing(settings, models, open_judges(settings.detector.only, models, config))
