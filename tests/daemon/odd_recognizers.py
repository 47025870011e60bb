"""Recognizers that do what the first sample says: what a test can't ask of those that ship."""

import os
import signal
import sys
import time
from pathlib import Path

from wakeful.daemon.recognizer import HeardCommand, HeardText, Manner, RecognizerError
from wakeful.models.errors import WakefulError

ANSWER, DIE, EXIT, HANG, GARBAGE, TEXT, TOO_SURE, TOO_LONG, REFUSE, WAIT, TWICE, EMPTY, CLOSE = (
    range(13)
)


class Obedient:
    """Answers with what it was given, or does worse."""

    nothing: HeardText | None = HeardText(text="", confidence=0.0)

    def __init__(self, settings):
        self.gate = Path(settings.folder)

    def recognize(self, samples, about=None):
        """The first sample is the order."""
        order = int(samples[0])
        if order == DIE:
            os.kill(os.getpid(), signal.SIGKILL)
        elif order == EXIT:
            os._exit(3)
        elif order == HANG:
            time.sleep(60)
        elif order in {GARBAGE, TWICE, EMPTY}:
            os.write(int(sys.argv[1]), GARBAGES[order])
        elif order == CLOSE:
            os.close(int(sys.argv[1]))
            time.sleep(60)
        elif order == REFUSE:
            raise RecognizerError("not in the mood\x1b[31m")
        elif order == WAIT:
            while not (self.gate / "open").exists():
                time.sleep(0.01)
        return ODD.get(order) or HeardText(text=print_of(samples), confidence=0.75)


class Sure(Obedient):
    """Says "go" to everything as soon as it may be asked; sure if there is a file `sure`."""

    manner = Manner(answers_early=True, repeatable=True)

    def recognize(self, samples, about=None):
        """Dies where there is a file `die`; waits for `open` where there is one named `slow`."""
        if (self.gate / "die").exists():
            (self.gate / "die").unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        while (self.gate / "slow").exists() and not (self.gate / "open").exists():
            time.sleep(0.01)
        (self.gate / f"asked {about.start_sample} {len(samples)}").touch()
        confidence = 0.95 if (self.gate / "sure").exists() else 0.85
        return HeardCommand(label="go", confidence=confidence, text=print_of(samples))


class Patient(Sure):
    """The same, but nothing that may follow is out of the question."""

    manner = Manner(repeatable=True)


class Unloadable(Obedient):
    """It can't be had."""

    def __init__(self, settings):
        raise WakefulError("the weights are gone")


class Endless(Obedient):
    """It takes a minute to load."""

    def __init__(self, settings):
        time.sleep(60)


class Stuck(Obedient):
    """It never answers, whatever becomes of the clock."""

    def recognize(self, samples, about=None):
        """Until it is killed."""
        signal.pause()


class Mute(Obedient):
    """It has no answer to silence."""

    nothing = None


GARBAGES = {
    GARBAGE: b"\x00\xff{" * 999,
    TWICE: b'{"type":"Done","number":4711,"heard":{"heard":"digits","text":"","confidence":0}}',
    EMPTY: b"",
}
ODD = {
    TEXT: "just text",
    TOO_SURE: HeardText(text="sure", confidence=float("nan")),
    TOO_LONG: HeardText(text="a" * 10_000_000, confidence=1.0),
}


def print_of(samples):
    """Some sound in a few characters: no sample of it can change unseen."""
    import zlib

    return f"{len(samples)} {zlib.crc32(samples.tobytes())}"
