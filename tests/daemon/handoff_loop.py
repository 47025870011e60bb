"""The daemon's loop in small: a real pipeline, and a recognizer in a real process."""

import os
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from wakeful.daemon import events
from wakeful.daemon.handoff import Handoff
from wakeful.daemon.opening import open_models
from wakeful.daemon.pipeline import Pipeline
from wakeful.daemon.settings import RecognizerSettings, Settings

HERE = str(Path(__file__).parent)
"""Where the process finds odd_recognizers: to be in its PYTHONPATH."""

LIMIT_S = 60
"""Far more than anything here takes, for a machine that does a lot else."""


class Loop:
    """The daemon's loop in small: a real pipeline, and the handoff that rides along."""

    def __init__(self, beep_bundle, handoff, settings=None):
        settings = settings or Settings(models=[str(beep_bundle)])
        self.stamp = events.Stamp("test", 1_000.0)
        self.pipeline = Pipeline(settings, open_models(settings.models), self.stamp)
        self.handoff = handoff
        self.told = []

    def feed(self, samples):
        """Sound, as the loop does it."""
        for event in self.pipeline.feed(samples):
            self.tell(event)
        self.handoff.heard(self.pipeline)
        self.ask()

    def ask(self):
        """Stamp what the handoff wants said."""
        for told in self.handoff.told():
            self.tell(told.make(**self.stamp.at(told.sample)))

    def tell(self, event):
        """To the handoff and to us."""
        self.told.append(event)
        self.handoff.event(event)

    def say(self, order, seconds=1.0):
        """A wake, and speech after it that says what the recognizer is to do; returns its seq."""
        speech = np.arange(round(16_000 * seconds), dtype=np.int16)
        speech[:1] = order
        return self.say_sound(speech)

    def say_sound(self, speech):
        """A wake, and some speech after it; returns the seq of the wake."""
        self.feed(np.full(16_000, 99, np.int16))
        start = self.pipeline.samples
        wake = events.Wake(keyword="beep", model="beep", score=0.9, **self.stamp.at(start))
        self.tell(wake)
        self.feed(speech)
        self.end(start)
        return wake.seq

    def end(self, start):
        """What is said ends here."""
        end = self.pipeline.samples
        length_s = (end - start) / 16_000
        stamp = self.stamp.at(end)
        self.tell(
            events.SpeechEnd(start_sample=start, duration_s=length_s, ending="silence", **stamp)
        )

    def until(self, there):
        """Go on until something is there; returns it."""
        deadline = time.monotonic() + LIMIT_S
        while not (found := there()):
            assert time.monotonic() < deadline, self.told
            time.sleep(0.005)
            self.handoff.idle()
            self.ask()
        return found

    def outcome(self, seq):
        """What became of the speech after one wake, once it is known."""
        return self.until(lambda: self.outcomes(seq))[0]

    def outcomes(self, seq):
        """All that was told of it; one at most is right."""
        return [event for event in self.told if getattr(event, "wake_seq", None) == seq]

    def ready(self):
        """The process is loaded."""
        self.until(lambda: self.handoff.worker.is_idle)
        return self


@contextmanager
def loops(bundle, folder):
    """Gives what starts a loop with a recognizer; each process has ended when the context has."""
    begun = []

    def begin(kind, clock=time.monotonic, **settings):
        own = RecognizerSettings(**{"kind": kind, "folder": str(folder), **settings})
        begun.append(Handoff(own, Settings().segment, clock=clock))
        return Loop(bundle, begun[-1])

    try:
        yield begin
    finally:
        for handoff in begun:
            handoff.close()


def gone(pid):
    """Whether there is no such process any more, not even a dead one that nobody asked after."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
