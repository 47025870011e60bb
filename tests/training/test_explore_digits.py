"""What a digit model makes of folders: digits by numeral and by name, other words, silence."""

import json
from pathlib import Path
from typing import Any

import pytest
import recorded
import soundfile
from click.testing import CliRunner
from parsed_page import Parsed
from wakeful.daemon.cli import cli
from wakeful.models.digit_strings import load_reader
from wakeful.models.frontend import FrontEndConfig
from wakeful.models.labels import SILENCE, UNKNOWN
from wakeful.synth.levels import to_float
from wakeful.training.digit_sources import NAMES
from wakeful.training.explore_sound import first_part
from wakeful.training.explore_surprise import own_label
from wakeful.training.export import Origin, save_step

pytestmark = pytest.mark.tensorflow
digits = pytest.importorskip("wakeful.models.digits", reason="needs the train extra")
streaming = pytest.importorskip("wakeful.models.streaming", reason="needs the train extra")

LABELS = [*digits.DIGITS, UNKNOWN, SILENCE]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of drawn weights: its opinion is worth nothing, and is always the same."""
    folder: Path = tmp_path_factory.mktemp("digits-model")
    digits.keras.utils.set_random_seed(3)
    size = digits.DigitSize(first_filters=8, second_filters=8, units=12, recurrent_layers=1)
    step = streaming.convert(digits.digits_default(size), 6, values=len(LABELS))
    origin = Origin(measured={"temperature": 2.0})
    return save_step(folder / "small", step, "digits", LABELS, FrontEndConfig(), origin).path


def explored(folder: Path, model: Path, html: Path) -> tuple[dict[str, Any], Parsed]:
    """What a program is told, and the page."""
    asked = ["explore", folder, "--model", model, "--json", "--html", html]
    done = CliRunner().invoke(cli, list(map(str, asked)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), Parsed(html.read_text(encoding="utf-8"))


def heard(model: Path, path: Path) -> str:
    """What the reader that listens takes one recording for."""
    return load_reader(model).rank(to_float(first_part(path, 10.0)))[0][0]


def test_digits_are_asked_about_one_by_one(model: Path, tmp_path: Path) -> None:
    """Files called as those of FSDD: right as often as the reader that listens is right."""
    folder = recorded.digits(tmp_path / "fsdd")
    told, page = explored(folder, model, tmp_path / "d.html")
    right = sum(heard(model, path) == path.name[0] for path in folder.glob("*.wav"))
    assert told["model_right"] == pytest.approx(right / 12)
    assert {row["label"] for row in told["surprises"]} == set("012")
    assert "What surprises the model small" in page.text
    # There is nothing but digits: none of it is no word.
    assert told["model_equal_error"] is None


def test_folders_may_be_called_by_the_digits_names(model: Path, tmp_path: Path) -> None:
    """ "seven" is a 7 to the model, and a word that is no digit is `_unknown_` to it."""
    for n, name in enumerate(("seven", "oh", "Two", "bird")):
        (tmp_path / "words" / name).mkdir(parents=True)
        for take in range(2):
            path = tmp_path / "words" / name / f"{take}.wav"
            soundfile.write(path, recorded.word(n, 1, take), 16_000)
    told, page = explored(tmp_path / "words", model, tmp_path / "w.html")
    labels = {Path(row["file"]).parent.name: row["label"] for row in told["surprises"]}
    assert labels == {"seven": "7", "oh": "0", "Two": "2", "bird": UNKNOWN}
    assert 0 <= told["model_equal_error"] <= 1
    assert "Is it a word at all?" in page.text
    # What nobody said, and nobody heard, has no row of cells.
    used = {row[key] for row in told["surprises"] for key in ("label", "guess")}
    rows = {label for label in LABELS if f"{label} heard as {label}:" in page.text}
    assert rows == used


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_is_known_by_numeral_and_by_name(digit: int) -> None:
    """To a model that has numerals; to one of words its name stays its name."""
    assert own_label(NAMES[digit], LABELS) == own_label(str(digit), LABELS) == str(digit)
    assert own_label(NAMES[digit], [NAMES[digit], UNKNOWN]) == NAMES[digit]
    assert own_label(NAMES[digit], ["yes", UNKNOWN]) == UNKNOWN
    assert own_label(NAMES[digit], ["yes"]) is None
