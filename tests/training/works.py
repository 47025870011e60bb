"""Works to be done apart, under a name by which another process finds them."""

import os
import signal
from pathlib import Path

from wakeful.models.errors import WakefulError
from wakeful.training.train_options import Say


def noted(folder: Path, part: int, say: Say) -> None:
    """What process did it, and with how many threads it would fit."""
    say(f"part {part} begins")
    (folder / str(part)).write_text(
        f"{os.getpid()} {os.environ.get('TF_NUM_INTRAOP_THREADS')}", encoding="utf-8"
    )


def at_odds(number: int, part: int, say: Say) -> None:
    """One part can't be done."""
    if part == number:
        raise WakefulError(f"part {part}: no")


def dying(number: int, part: int, say: Say) -> None:
    """One part takes its process with it."""
    if part == number:
        os.kill(os.getpid(), signal.SIGKILL)
