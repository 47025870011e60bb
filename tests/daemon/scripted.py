"""A source that gives what it was told to, the test model's word, and a report that remembers."""

from __future__ import annotations

import numpy as np
from wakeful.daemon.companion import Silent
from wakeful.daemon.devices import DeviceError

GONE = DeviceError("microphone 'test' has given no sound")


class Script:
    """A source that gives what it was told to: sound, a loss of so many samples, or an error."""

    def __init__(self, *steps, opened_at=1_000.0):
        self.name, self.opened_at, self.lost_samples = "script", opened_at, 0
        self.steps, self.closed = list(steps), 0

    def read(self, max_samples):
        """The next step; the end after the last."""
        while self.steps and isinstance(self.steps[0], int):
            self.lost_samples += self.steps.pop(0)
        step = self.steps.pop(0) if self.steps else np.zeros(0, np.int16)
        if isinstance(step, BaseException):
            raise step
        assert len(step) <= max_samples
        return step

    def close(self):
        """Count it."""
        self.closed += 1


class Kept(Silent):
    """A report that keeps the events."""

    def __init__(self):
        self.events = []

    def event(self, event):
        """Keep it."""
        self.events.append(event)

    def heard(self, pipeline):
        """Nothing to show."""

    @property
    def kinds(self):
        """What happened, in order."""
        return [event.__struct_config__.tag for event in self.events]


def silence(seconds):
    """Nobody speaks."""
    return np.zeros(round(16_000 * seconds), np.int16)


def beep():
    """The test model's word, and a little after it."""
    t = np.arange(int(0.18 * 16_000)) / 16_000
    edge = np.minimum(1, np.minimum(t, 0.18 - t) * 100)
    word = np.concatenate([np.sin(2 * np.pi * f * t) * edge for f in (700, 1_100)])
    return np.r_[(word * 9_830).astype(np.int16), silence(0.3)]
