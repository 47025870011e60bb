"""The time that a run took: over several processes, the pauses between them not counted."""

from pathlib import Path

import pytest
from wakeful.training.stopwatch import SPENT, Stopwatch, StopwatchError


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at_s = 1_000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.at_s


def test_time_adds_up_over_a_kill(tmp_path: Path) -> None:
    """Until the last line that was said; what came after it is lost with the process."""
    clock, lines = Clock(), list[str]()
    say = Stopwatch(tmp_path, clock).telling(lines.append)
    clock.at_s += 60
    say("an epoch")
    clock.at_s += 5_000
    resumed = Stopwatch(tmp_path, clock)
    clock.at_s += 30
    assert resumed.spent_s() == 90
    assert lines == ["an epoch"]
    assert [p.name for p in tmp_path.iterdir()] == [SPENT]


def test_nothing_is_kept_before_there_is_a_folder(tmp_path: Path) -> None:
    """A folder that is there means that a run was planned."""
    clock = Clock()
    watch = Stopwatch(tmp_path / "work", clock)
    clock.at_s += 10
    watch.keep()
    assert not (tmp_path / "work").exists()
    (tmp_path / "work").mkdir()
    watch.keep()
    assert Stopwatch(tmp_path / "work", clock).spent_s() == 10


@pytest.mark.parametrize("held", ["", "{}", "[1]", '{"spent_s": "long"}'])
def test_what_is_no_time_is_refused(tmp_path: Path, held: str) -> None:
    """One line that names the file."""
    (tmp_path / SPENT).write_text(held)
    with pytest.raises(StopwatchError, match=SPENT):
        Stopwatch(tmp_path)
