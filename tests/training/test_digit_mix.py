"""Strings put together: what is said in them is what the tokens say, for whatever was drawn."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given
from hypothesis import strategies as st

pytestmark = pytest.mark.tensorflow
pytest.importorskip("tensorflow", exc_type=ImportError)

from wakeful.training.corpus import CorpusError  # noqa: E402
from wakeful.training.digit_examples import (  # noqa: E402
    DigitBatches,
    DigitExamplesError,
    hear_examples,
    make_examples,
    read_examples,
)
from wakeful.training.digit_mix import (  # noqa: E402
    FRAMES,
    UNKNOWN,
    Words,
    draw,
    mixed,
    standing_out,
)
from wakeful.training.digit_score import (  # noqa: E402
    composed,
    edits,
    fitted_temperature,
)
from wakeful.training.digit_sources import Folders, digit_of, read_sources, tokens_of  # noqa: E402
from wakeful.training.sureness import calibration_error  # noqa: E402


def tone(number: int, seconds: float = 0.2) -> np.ndarray:
    """A sound to know a digit by."""
    t = np.arange(int(16_000 * seconds)) / 16_000
    return (0.3 * np.sin(2 * np.pi * (300 + 200 * number) * t)).astype(np.float32)


WORDS = Words(
    speakers={
        "ann": [((d,), tone(d)) for d in range(10)],
        "": [((d,), tone(d, 0.3)) for d in range(10)],
    },
    strings=[((4, 2), np.concatenate([tone(4), tone(2)]))],
    others=[tone(11, 0.4)],
    noises=[np.random.default_rng(1).normal(size=4_000).astype(np.float32)],
)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["ann", ""]))
def test_an_example_is_one_speakers_and_fits(seed: int, speaker: str) -> None:
    """As long as all others, silent before and behind, never two unknown words in a row."""
    example = mixed(WORDS, draw(WORDS, speaker, np.random.default_rng(seed)))
    assert example.speaker == speaker
    assert len(example.samples) == FRAMES * 160
    assert example.samples.dtype == np.int16
    assert all(0 <= token <= UNKNOWN for token in example.tokens)
    pairs = zip(example.tokens, example.tokens[1:], strict=False)
    assert (UNKNOWN, UNKNOWN) not in set(pairs)
    assert not example.samples[: 24 * 160].any()
    assert not example.samples[-36 * 160 :].any()


def test_what_was_drawn_is_carried_out_the_same_again() -> None:
    """To the bit: an example is its draw."""
    drawn = draw(WORDS, "ann", np.random.default_rng(5))
    np.testing.assert_array_equal(mixed(WORDS, drawn).samples, mixed(WORDS, drawn).samples)


def test_examples_are_kept_and_made_only_once(tmp_path: Path) -> None:
    """By speaker; a file that is there is left as it is, a broken one is told."""
    counts = {"ann": 6, "": 4}
    make_examples(WORDS, counts, tmp_path, 1, lambda done, total: None)
    first = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    make_examples(WORDS, counts, tmp_path, 1, lambda done, total: None)
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == first
    assert len(read_examples(tmp_path, counts)) == 10
    assert len(read_examples(tmp_path, {"": 4})) == 4
    (tmp_path / "ann-000000.npz").write_bytes(b"no")
    with pytest.raises(DigitExamplesError, match=r"ann-000000\.npz: not a file of examples"):
        read_examples(tmp_path, counts)


def test_batches_hold_every_example_once(tmp_path: Path) -> None:
    """In another order each epoch, the same order for the same seed, cut to what is heard."""
    made, heard = tmp_path / "made", tmp_path / "heard"
    make_examples(WORDS, {"ann": 8}, made, 1, lambda done, total: None)
    hear_examples(made, heard, {"ann": 8}, lower, 1, lambda done, total: None)
    examples = read_examples(heard, {"ann": 8})
    assert examples.features.shape == (8, FRAMES // 3, 5)
    batches = DigitBatches(examples, 4, 3)
    lengths = sorted((examples.tokens >= 0).sum(axis=1).tolist())
    seen = [list(batches(epoch)) for epoch in (0, 0, 1)]
    for epoch in seen:
        assert sorted(n for batch in epoch for n in batch.lengths.tolist()) == lengths
        assert all(batch.features.shape[1] == batch.steps.max() for batch in epoch)
    assert np.array_equal(seen[0][0].features, seen[1][0].features)
    assert [b.steps.tolist() for b in seen[0]] != [b.steps.tolist() for b in seen[2]]


def lower(features: np.ndarray, training: bool) -> object:
    """A network that keeps each third frame's first bands."""
    tf = pytest.importorskip("tensorflow")
    assert not training
    return tf.constant(features[:, ::3, :5])


def test_words_and_numerals_name_digits() -> None:
    """As people write them, oh for zero, and no other word."""
    assert [digit_of(w) for w in ("zero", "Oh", "7", "nine.", "ten")] == [0, 0, 7, 9, None]
    assert tokens_of("four two, oh") == (4, 2, 0)
    assert tokens_of("four ten") is None
    assert tokens_of("") is None


def fsdd(folder: Path) -> Path:
    """Two speakers, twelve takes of each digit, at 8 kHz."""
    folder.mkdir()
    for who in ("ann", "bob"):
        for digit in range(10):
            for take in range(12):
                soundfile.write(folder / f"{digit}_{who}_{take}.wav", tone(digit)[::2], 8_000)
    return folder


def test_takes_that_are_kept_are_nowhere_else(tmp_path: Path) -> None:
    """A tenth of each digit is only measured with, and digits among other words are left out."""
    people = fsdd(tmp_path / "fsdd")
    voices, others = tmp_path / "voices", tmp_path / "others"
    voices.mkdir()
    rows = [("a.flac", "four two", "train"), ("b.flac", "three", "train")]
    rows += [("c.flac", "five six", "validation"), ("d.flac", "hello", "train")]
    for name, _, _ in rows:
        soundfile.write(voices / name, tone(1), 16_000)
    lines = (json.dumps({"file": f, "text": t, "split": s}) for f, t, s in rows)
    (voices / "manifest.jsonl").write_text("".join(line + "\n" for line in lines))
    for word in ("yes", "eight", "_unknown_"):
        (others / word).mkdir(parents=True)
        soundfile.write(others / word / "0a0b0c0d_nohash_0.wav", tone(2), 16_000)
    soundfile.write(others / "_unknown_" / "nine_0a0b0c0d_nohash_0.wav", tone(2), 16_000)
    found = read_sources(Folders(people, [voices], [others]), seed=1)
    assert len(found.kept) == 20
    assert sum(len(found.words.speakers[who]) for who in ("ann", "bob")) == 220
    assert [tokens for tokens, _ in found.words.strings] == [(4, 2)]
    assert [tokens for tokens, _ in found.words.speakers[""]] == [(3,)]
    assert [tokens for tokens, _ in found.kept_voices] == [(5, 6)]
    assert len(found.words.others) + len(found.kept_others) == 2


def test_a_corpus_without_all_digits_or_of_one_speaker_is_refused(tmp_path: Path) -> None:
    """In a line that says what is missing."""
    people = fsdd(tmp_path / "fsdd")
    for path in people.glob("*_bob_*"):
        path.unlink()
    with pytest.raises(CorpusError, match="1 speaker, at least 2 are needed"):
        read_sources(Folders(people), seed=1)
    for path in people.glob("7_*"):
        path.unlink()
    with pytest.raises(CorpusError, match="no clips of 7"):
        read_sources(Folders(people), seed=1)


@given(st.lists(st.integers(0, 9), max_size=6), st.lists(st.integers(0, 9), max_size=6))
def test_edits_are_a_distance(said: list[int], heard: list[int]) -> None:
    """The same both ways, nothing for the same, never more than the longer is long."""
    assert edits(said, heard) == edits(heard, said)
    assert edits(said, said) == 0
    assert abs(len(said) - len(heard)) <= edits(said, heard) <= max(len(said), len(heard))


@given(st.integers(0, 99), st.floats(-0.06, 0.4))
def test_composed_strings_are_as_long_as_their_digits(seed: int, gap_s: float) -> None:
    """And the gaps between them; negative ones overlap."""
    single = [((d,), tone(d)) for d in range(10)]
    rng = np.random.default_rng(seed)
    ((tokens, sound),) = composed(single, 1, (3, 3), (gap_s, gap_s), rng)
    assert len(tokens) == 3
    assert abs(len(sound) - (3 * 3_200 + 2 * int(gap_s * 16_000))) <= 2


def test_a_temperature_makes_too_sure_scores_honest() -> None:
    """Scores three times too far apart are found out."""
    rng = np.random.default_rng(1)
    honest = rng.normal(size=(4_000, 5)) * 2
    shares = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    wanted = np.array([rng.choice(5, p=row) for row in shares])
    temperature, before, behind = fitted_temperature(honest * 3, wanted)
    assert temperature == pytest.approx(3, rel=0.1)
    assert behind < 0.03 < before
    assert calibration_error(shares, wanted) < 0.03


@given(below_db=st.floats(5.0, 40.0), quiet_db=st.floats(0.0, 60.0), seed=st.integers(0, 2**32 - 1))
def test_what_stands_out_keeps_the_loud_and_loses_quieter_ends(
    below_db: float, quiet_db: float, seed: int
) -> None:
    """Ends that are quieter than was asked go, others stay, and the loudest is always there."""
    assume(abs(quiet_db - below_db) > 1.5)
    loud = np.random.default_rng(seed).choice([-0.5, 0.5], 3_200).astype(np.float32)
    end = loud[:1_600] * np.float32(10 ** (-quiet_db / 20))
    found = standing_out(np.concatenate([end, loud, end]), below_db)
    assert len(found) == (3_200 if quiet_db > below_db else 6_400)
    assert np.abs(found).max() == 0.5
