"""A plan is made once, by how fast this machine is, and read ever after."""

from dataclasses import replace
from pathlib import Path

import pytest
from wakeful.training.pace import Pace
from wakeful.training.plan import PLAN, Asked, PlanError, measured_pace, planned

ASKED = Asked("hey robot", minutes=5.0, seed=3, made_clips=False)


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> list[Pace]:
    """A machine of known speed; the list tells how often it was measured."""
    measured: list[Pace] = []

    def measure(order: object, processes: int) -> Pace:
        measured.append(Pace(clips_per_s=4.0, mixed_per_s=500.0, fitted_per_s=800.0))
        return measured[-1]

    monkeypatch.setattr("wakeful.training.plan.measured_pace", measure)
    return measured


def test_the_same_again_goes_on_by_the_same_plan(pace: list[Pace], tmp_path: Path) -> None:
    """Measured once: a machine that is busier now must not change what is made."""
    first = planned(tmp_path, ASKED, None, 2)
    assert first.word == "hey robot"
    assert first.seed == 3
    assert planned(tmp_path, ASKED, None, 1) == first
    assert len(pace) == 1


@pytest.mark.parametrize(
    "other", [replace(ASKED, word="jarvis"), replace(ASKED, minutes=6.0), replace(ASKED, seed=4)]
)
def test_another_run_is_told_from_this_one(pace: list[Pace], other: Asked, tmp_path: Path) -> None:
    """What was asked for then stands in the line."""
    planned(tmp_path, ASKED, None, 2)
    with pytest.raises(PlanError, match="hey robot") as raised:
        planned(tmp_path, other, None, 2)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "{}", '{"asked": 3}', "[" * 10])
def test_a_broken_plan_is_told(text: str, tmp_path: Path) -> None:
    """The file, and what to do about it."""
    (tmp_path / PLAN).write_text(text)
    with pytest.raises(PlanError, match=PLAN):
        planned(tmp_path, ASKED, None, 2)


@pytest.mark.tensorflow
def test_this_machine_has_some_pace() -> None:
    """Really measured, without voices: some mixtures and some steps of the shipped network."""
    pytest.importorskip("keras", reason="needs the train extra")
    pace = measured_pace(None, 1)
    assert 5 < pace.mixed_per_s < 1e6
    assert 1 < pace.fitted_per_s < 1e6
