"""Fits side by side: every part is done once, told as it goes, and a death is told, too."""

import os
from functools import partial
from pathlib import Path

import pytest
import works
from wakeful.models.errors import WakefulError
from wakeful.training.fits_apart import FitsApartError, apart


@pytest.mark.parametrize(
    ("parts", "processes", "workers", "threads"),
    [(5, 2, 2, "1"), (2, 5, 2, "2"), (1, 4, 0, None), (3, 1, 0, None), (0, 2, 0, None)],
)
def test_all_parts_are_done_and_told(
    tmp_path: Path, parts: int, processes: int, workers: int, threads: str | None
) -> None:
    """By no more processes than there are parts, which share the cores; one part is done here."""
    told: list[str] = []
    apart(partial(works.noted, tmp_path), range(parts), processes, told.append)
    assert sorted(told) == [f"part {part} begins" for part in range(parts)]
    found = [(tmp_path / str(part)).read_text(encoding="utf-8").split() for part in range(parts)]
    pids = {int(pid) for pid, _ in found}
    if workers:
        assert os.getpid() not in pids
        assert len(pids) <= workers
        assert {given for _, given in found} == {threads}
    else:
        assert pids <= {os.getpid()}
    assert os.environ.get("TF_NUM_INTRAOP_THREADS") is None


@pytest.mark.parametrize("processes", [1, 2])
def test_what_a_part_raises_is_raised(processes: int) -> None:
    """As itself, from wherever it was."""
    with pytest.raises(WakefulError, match="part 2: no"):
        apart(partial(works.at_odds, 2), range(4), processes, print)


def test_a_killed_process_is_told() -> None:
    """In one line, with what to do."""
    with pytest.raises(FitsApartError, match="--processes 1") as raised:
        apart(partial(works.dying, 1), range(3), 2, print)
    assert "\n" not in str(raised.value)
