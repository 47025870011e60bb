"""From a model's probabilities to "that was the word", once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_UNAWARE = 0.1
"""No network is sure of a word a step after it gave it less than this."""

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Detection:
    """The step at which the word was recognised: counted from the first step fed."""

    step: int
    score: float


class Detector:
    """Fires when the mean of the last `smooth_steps` probabilities reaches `threshold`.

    After that it is silent for `refractory_steps` and until the mean has been below the threshold
    again: a long-drawn word is one word. `refractory_steps=75, smooth_steps=1, rearm=False` is the
    rule of the classic system: at most one chime in 75 steps.
    """

    def __init__(
        self, threshold: float, smooth_steps: int, refractory_steps: int, *, rearm: bool = True
    ) -> None:
        self.threshold = threshold
        self._refractory_steps = refractory_steps
        self._rearm = rearm
        self.best = 0.0
        """The highest mean since it was made, whether it fired or not."""
        self._recent: deque[float] = deque([0.0] * smooth_steps, maxlen=smooth_steps)
        self.reset()

    def reset(self) -> None:
        """As fresh: nothing heard, ready to fire."""
        self.break_off()
        self.quiet_until = -1
        """The step up to which the last detection keeps it silent."""

    def break_off(self) -> None:
        """Sound was left out here: forget the last probabilities, but not the last detection."""
        self._recent.extend([0.0] * len(self._recent))
        self._armed = True

    @property
    def patience_steps(self) -> int:
        """How many steps to wait before looking whether it has fired: before that it will not.

        A probability is 1 at most, so that a mean takes its time to rise.
        """
        recent, missing = list(self._recent), self.threshold * len(self._recent) - _ROUNDING
        to_come = range(1, len(recent))
        sure = next((n for n in to_come if sum(recent[n:]) + n >= missing), len(recent))
        return sure + (recent[-1] < _UNAWARE)

    def foresee(self, step: int, probability: float) -> Detection | None:
        """Whether it fires at the next step, should that be its probability; it is not kept.

        When the step is fed after all, it fires no second time.
        """
        recent = [*list(self._recent)[1:], probability]
        score = sum(recent) / len(recent)
        return self._fired(step, score) if score >= self.threshold else None

    def feed(self, first_step: int, probabilities: npt.NDArray[np.float32]) -> list[Detection]:
        """The probabilities of consecutive steps, the first of them numbered `first_step`.

        Numbers may go back (sound that is heard again on waking): the refractory time is kept by
        them, so that the same word heard again doesn't fire again.
        """
        found: list[Detection] = []
        recent, size = self._recent, len(self._recent)
        for step, probability in enumerate(probabilities.tolist(), first_step):
            recent.append(probability)
            score = sum(recent) / size
            self.best = max(self.best, score)
            if score < self.threshold:
                self._armed = True
            elif fired := self._fired(step, score):
                found.append(fired)
        return found

    def _fired(self, step: int, score: float) -> Detection | None:
        """What comes of a score that has reached the threshold."""
        if step <= self.quiet_until or (self._rearm and not self._armed):
            return None
        self._armed = False
        self.quiet_until = step + self._refractory_steps
        return Detection(step, score)
