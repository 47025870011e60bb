"""Several recognizers as one: the first that understands answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.events import Alternative
from wakeful.daemon.recognizer import (
    HeardCommand,
    HeardDigits,
    HeardSound,
    HeardText,
    RecognizerError,
    check,
    load_recognizer,
)
from wakeful.daemon.recognizer_chain import is_understood, links
from wakeful.daemon.settings import RecognizerSettings
from wakeful.models.errors import UsageError, WakefulError

SOUND = np.ones(160, np.int16)


class Sorter:
    """It answers with its model's name, or as the name says."""

    nothing = HeardCommand(label="_silence_", confidence=0.0)

    def __init__(self, settings):
        self.model = settings.model
        if self.model == "gone":
            raise WakefulError("gone: no such model")

    def recognize(self, samples, about=None):
        """As `samples` are never looked at, the model's name says it all."""
        assert about is not None
        if self.model == "refuse":
            raise RecognizerError("refused")
        if self.model.isdigit():
            return HeardDigits(text=self.model, confidence=1.0)
        return HeardCommand(label=self.model, confidence=0.5, alternatives=[Alternative("x", 0.1)])


ME = f"{__name__}:Sorter"


def asked(*models):
    """A chain of as many sorters."""
    chain = ",".join(f"{ME}={model}" for model in models)
    return load_recognizer(RecognizerSettings(kind=chain)).recognize(SOUND)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """This file by its name, as one's own module is."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules[Sorter.__module__])


@given(
    st.lists(st.sampled_from(["_unknown_", "_silence_", "refuse"]), max_size=4),
    st.sampled_from(["left", "42", "_other_"]),
    st.lists(st.sampled_from(["right", "refuse", "_unknown_", "7"]), max_size=3),
)
def test_the_first_that_understands_answers(before, understood, after):
    """What comes after it is not asked; who refuses is passed over."""
    heard = asked(*before, understood, *after)
    assert getattr(heard, "label", None) == understood or heard.text == understood


def test_the_last_answer_is_told_where_none_understands():
    """Also where that is a refusal."""
    assert asked("_silence_", "_unknown_").label == "_unknown_"
    with pytest.raises(RecognizerError, match="refused"):
        asked("_unknown_", "refuse")


def test_what_is_understood():
    """A label that is one, a text that is one; not what was only kept."""
    assert is_understood(HeardCommand(label="go", confidence=0.1))
    assert is_understood(HeardText(text="go", confidence=0.1))
    assert not is_understood(HeardDigits(text="", confidence=0.0))
    assert not is_understood(HeardSound(path="x"))


def test_a_kind_may_bring_its_model():
    """The others have the one of the settings."""
    found = links(RecognizerSettings(kind="save, whisper=/w,my:Own=a=b", model="m"))
    assert [(s.kind, s.model) for s in found] == [
        ("save", "m"),
        ("whisper", "/w"),
        ("my:Own", "a=b"),
    ]


@pytest.mark.parametrize("kind", [",", "save,", "save,none", "=x", "save,wisper"])
def test_a_chain_with_a_hole_is_refused(kind):
    """Before anything is loaded."""
    with pytest.raises(UsageError, match=r"recognizer\.kind"):
        check(RecognizerSettings(kind=kind))


def test_one_that_cannot_be_loaded_is_told():
    """As if it were alone."""
    with pytest.raises(WakefulError, match="gone: no such model"):
        asked("left", "gone")
