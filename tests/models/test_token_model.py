"""CTC networks in a stream: rows of tokens, the same as over the whole clip."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from wakeful.models.bundle import (
    BundleFormatError,
    BundleShapeError,
    load_bundle,
    save_bundle,
)
from wakeful.models.frontend import FrontEndConfig
from wakeful.models.runtime import TokenModel, TriggerModel
from wakeful.training.export import Origin, save_step

pytestmark = pytest.mark.tensorflow
digits = pytest.importorskip("wakeful.models.digits", exc_type=ImportError)
streaming = pytest.importorskip("wakeful.models.streaming", exc_type=ImportError)
LABELS = [*digits.DIGITS, "_unknown_", "_silence_"]


@pytest.fixture(scope="module")
def net():
    """Small, and of any weights."""
    return digits.digits_default(
        digits.DigitSize(first_filters=8, second_filters=8, units=8, recurrent_layers=1)
    )


@pytest.fixture(scope="module")
def manifest_path(net, tmp_path_factory) -> Path:
    """The network as a bundle."""
    step = streaming.convert(net, 6, values=12)
    stem = tmp_path_factory.mktemp("bundle") / "small"
    return save_step(stem, step, "digits", LABELS, FrontEndConfig(), Origin()).path


def test_tokens_streamed_are_the_networks(net, manifest_path) -> None:
    """Each call gives the rows that the whole clip has there."""
    model = TokenModel(load_bundle(manifest_path))
    frames = np.random.default_rng(1).normal(size=(60, 40)).astype(np.float32)
    state = model.new_state()
    heard = np.concatenate([model.step(state, frames[at : at + 6]) for at in range(0, 60, 6)])
    assert heard.shape == (20, 12)
    np.testing.assert_allclose(heard, net(frames[np.newaxis]).numpy()[0], atol=1e-5)


def test_neither_kind_passes_for_the_other(manifest_path, beep_bundle) -> None:
    """A trigger is no recognizer, and the other way round."""
    with pytest.raises(BundleFormatError, match="is a digits model, not trigger"):
        TriggerModel(load_bundle(manifest_path))
    with pytest.raises(BundleFormatError, match="is a trigger model, not digits or asr"):
        TokenModel(load_bundle(beep_bundle))


def test_a_label_too_many_is_refused(manifest_path, tmp_path) -> None:
    """Every value has a name, every name a value."""
    bundle = load_bundle(manifest_path)
    wrong = msgspec.structs.replace(bundle.manifest, labels=[*LABELS, "ten"])
    with pytest.raises(BundleShapeError, match=r"tensor 'tokens' is float32\[1, 2, 12\]"):
        TokenModel(load_bundle(save_bundle(tmp_path / "wrong", wrong, bundle.tflite)))


def test_values_must_be_those_asked_for(net) -> None:
    """A network of twelve is no network of ten."""
    with pytest.raises(streaming.StreamingError, match="gives 12 values a step, 10 were asked for"):
        streaming.convert(net, 6, values=10)
