"""The transcriber: sound in pieces of any size becomes the same words as the whole of it."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.tensorflow, pytest.mark.timeout(300)]
asr = pytest.importorskip("wakeful.models.asr", exc_type=ImportError)
streaming = pytest.importorskip("wakeful.models.streaming", exc_type=ImportError)

from wakeful.models.bundle import (  # noqa: E402
    BundleFormatError,
    BundleMissingError,
    load_bundle,
    save_bundle,
)
from wakeful.models.ctc import greedy, log_softmax  # noqa: E402
from wakeful.models.frontend import FrontEnd, FrontEndConfig  # noqa: E402
from wakeful.models.language_model import learn  # noqa: E402
from wakeful.models.transcriber import (  # noqa: E402
    AFTER_S,
    LABELS,
    Transcriber,
    load_transcriber,
)
from wakeful.training.export import Origin, save_step  # noqa: E402

SMALL = asr.AsrSize(first_filters=8, second_filters=8, backbone_units=8, units=12, upper_layers=1)


@pytest.fixture(scope="module")
def net():
    """Small, of any weights, and seldom blank: what it writes is nonsense, but a lot of it."""
    model = asr.asr_default(SMALL)
    rng = np.random.default_rng(3)
    for layer in model.layers:
        if not isinstance(layer, asr.keras.layers.BatchNormalization):
            layer.set_weights([rng.normal(0, 0.6, w.shape) for w in layer.get_weights()])
    return model


@pytest.fixture(scope="module")
def manifest_path(net, tmp_path_factory):
    """The network as a bundle."""
    step = streaming.convert(net, 6, values=len(LABELS))
    stem = tmp_path_factory.mktemp("bundle") / "small"
    return save_step(stem, step, "asr", LABELS, FrontEndConfig(), Origin()).path


@pytest.fixture(scope="module")
def transcriber(manifest_path):
    """Loaded."""
    return load_transcriber(manifest_path)


def test_it_hears_what_the_network_gives(net, transcriber, voice):
    """Step by step the rows are those of the whole clip and the silence after it."""
    heard = transcriber.hear(voice)
    size = transcriber.bundle.frontend.block_samples
    padded = np.concatenate([voice, np.zeros(round(AFTER_S * 16_000), np.int16)])
    padded = np.pad(padded, (0, -len(padded) % size))
    frames = FrontEnd(FrontEndConfig()).whole(padded)
    whole = log_softmax(net(frames[np.newaxis]).numpy()[0])
    np.testing.assert_allclose(heard, whole, atol=2e-4)


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, 32_000), max_size=12))
def test_however_it_is_cut_it_is_the_same(transcriber, voice, cuts):
    """Words, places and probabilities, to the bit."""
    whole = transcriber.listen()
    wanted = whole.feed(voice) + whole.flush()
    assert wanted
    pieces = transcriber.listen()
    edges = [0, *sorted(min(cut, len(voice)) for cut in cuts), len(voice)]
    found = [word for start, end in pairwise(edges) for word in pieces.feed(voice[start:end])]
    found += pieces.flush()
    assert found == wanted
    assert np.array_equal(pieces.log_probabilities, whole.log_probabilities)


def test_words_are_those_of_the_greedy_reading(transcriber, voice):
    """As they are fed and all at once, in order and within the sound."""
    listener = transcriber.listen()
    words = listener.feed(voice) + listener.flush()
    text = greedy(listener.log_probabilities).text
    assert " ".join(word.text for word in words) == text == transcriber.transcribe(voice).text
    assert words == list(transcriber.transcribe(voice).words)
    places = [at for word in words for at in (word.start_sample, word.end_sample)]
    assert places == sorted(places)
    assert places[-1] <= len(voice)
    assert all(0 <= word.confidence <= 1 for word in words)


def test_a_stream_that_was_flushed_is_fresh(transcriber, voice):
    """The next utterance is heard as if nothing had been before, by other streams too."""
    one, other = transcriber.listen(), transcriber.listen()
    first = one.feed(voice) + one.flush()
    other.feed(voice[:7_000])
    again = one.feed(voice) + one.flush()
    assert again == first
    assert other.feed(voice[7_000:]) + other.flush() == first[-len(first) :]


def test_nothing_is_no_words(transcriber):
    """An empty utterance has no text that anybody said."""
    silent = transcriber.listen()
    assert silent.feed(np.zeros(0, np.int16)) == []
    said = transcriber.transcribe(np.zeros(0, np.int16))
    assert all(word.end_sample == 0 for word in said.words)


def test_a_language_model_reads_too(transcriber, voice):
    """The beam's reading has its words placed as well."""
    said = transcriber.transcribe(voice, learn(["the light is on"]))
    assert len(said.words) == len(said.text.split())


def test_what_writes_other_symbols_is_refused(manifest_path, tmp_path):
    """A bundle of another alphabet, one of another kind, and one that isn't there."""
    bundle = load_bundle(manifest_path)
    odd = msgspec.structs.replace(bundle.manifest, labels=[*LABELS[::-1]])
    with pytest.raises(BundleFormatError, match="other symbols"):
        Transcriber(load_bundle(save_bundle(tmp_path / "odd", odd, bundle.tflite)))
    with pytest.raises(BundleFormatError, match="is a trigger model"):
        load_transcriber("activate")
    with pytest.raises(BundleMissingError):
        load_transcriber("asr-of-nobody")
