"""Training recognizers: speech is found, batches hold what was said, fits go on, results rank."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.tensorflow, pytest.mark.timeout(600)]
asr = pytest.importorskip("wakeful.models.asr", exc_type=ImportError)

from wakeful.daemon.cli import cli  # noqa: E402
from wakeful.models.ctc import greedy, log_softmax  # noqa: E402
from wakeful.models.frontend import FrontEndConfig  # noqa: E402
from wakeful.models.letters import BLANK, decode, encode  # noqa: E402
from wakeful.models.transcriber import load_transcriber  # noqa: E402
from wakeful.training.asr_compare import RESULTS, TABLE, Result, table  # noqa: E402
from wakeful.training.asr_examples import Batch, SpokenExamples  # noqa: E402
from wakeful.training.asr_features import PlainExamples  # noqa: E402
from wakeful.training.asr_fit import CtcSettings, ctc_loss, fit_ctc  # noqa: E402
from wakeful.training.asr_score import ScoreError, error_rates, worst_read  # noqa: E402
from wakeful.training.asr_speech import read_speech  # noqa: E402
from wakeful.training.corpus import CorpusError  # noqa: E402
from wakeful.training.fit import FitError  # noqa: E402

SAID = ["yes", "no", "turn on the light", "seven", "go", "what time is it"]


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """Tones that stand for texts, with a manifest, as voices make clips."""
    folder = tmp_path_factory.mktemp("clips")
    rng, rows = np.random.default_rng(0), []
    for number in range(24):
        text = SAID[number % len(SAID)]
        length = int(16_000 * (0.25 + 0.06 * len(text)))
        tone = np.sin(np.arange(length) * (0.05 + 0.02 * (number % 6))) * 0.3
        sound = tone + 0.01 * rng.normal(size=length)
        soundfile.write(folder / f"{number:03d}.flac", sound, 16_000)
        split = "validation" if number >= 18 else "train"
        row = {"file": f"{number:03d}.flac", "text": text, "engine": "e", "voice": f"v{number}"}
        rows.append(json.dumps(row | {"split": split}))
    rows[5] = json.dumps(json.loads(rows[5]) | {"text": "…"})
    rows[4] = json.dumps(json.loads(rows[4]) | {"confidence": 0.2})
    (folder / "manifest.jsonl").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="session")
def speech(clips):
    """What is found in them."""
    return read_speech([clips])


def test_speech_is_found_with_its_sides(speech):
    """What a manifest calls validation is held out; unsure and unwritable texts are left out."""
    assert len(speech.fitted) == 16
    assert len(speech.held_out) == 6
    assert speech.left_out == {"no text": 1}
    assert {u.person for u in speech.fitted}.isdisjoint(u.person for u in speech.held_out)


def librispeech(folder, said_by):
    """LibriSpeech's shape: so many utterances by each."""
    for speaker, count in said_by.items():
        chapter = folder / f"{speaker}" / "1"
        chapter.mkdir(parents=True)
        names = [f"{speaker}-1-{number:04d}" for number in range(count)]
        for name in names:
            soundfile.write(chapter / f"{name}.flac", np.zeros(8_000), 16_000)
        texts = "".join(f"{name} IT'S SAID\n" for name in names)
        (chapter / f"{speaker}-1.trans.txt").write_text(texts)
    return folder


def test_a_corpus_as_it_is_downloaded_is_speech_too(tmp_path):
    """No speaker on both sides, texts in small letters."""
    found = read_speech([librispeech(tmp_path / "corpus", dict.fromkeys(range(30), 1))])
    assert {u.text for u in found.fitted} == {"it's said"}
    assert len(found.fitted) + len(found.held_out) == 30
    assert 0 < len(found.held_out) < 10
    assert {u.person for u in found.fitted}.isdisjoint(u.person for u in found.held_out)


@given(counts=st.lists(st.integers(1, 3), min_size=2, max_size=6))
@settings(max_examples=12, deadline=None)
def test_of_few_speakers_somebody_is_held_out_too(tmp_path_factory, counts):
    """Without it there is nothing to rank by; and nobody is on both sides."""
    folder = tmp_path_factory.mktemp("few") / "corpus"
    found = read_speech([librispeech(folder, dict(enumerate(counts, 100)))])
    assert found.held_out
    assert found.fitted
    assert len(found.fitted) + len(found.held_out) == sum(counts)
    assert {u.person for u in found.fitted}.isdisjoint(u.person for u in found.held_out)


def test_of_one_speaker_some_is_held_out(tmp_path):
    """By utterance, since there is no other way."""
    found = read_speech([librispeech(tmp_path / "corpus", {19: 60})])
    assert 0 < len(found.held_out) < 15
    assert len(found.fitted) + len(found.held_out) == 60


def test_what_a_machine_wrote_down_counts_where_it_was_sure(tmp_path):
    """Below that a recording isn't heard at all."""
    for number in range(20):
        soundfile.write(tmp_path / f"{number}.flac", np.zeros(8_000), 16_000)
    rows = [
        {"file": f"{number}.flac", "text": f"Word {number}", "confidence": number / 20}
        for number in range(20)
    ]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = read_speech([tmp_path])
    assert {u.text for u in (*found.fitted, *found.held_out)} == {
        f"word {words}"
        for words in ("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen")
    } | {"word eighteen", "word nineteen"}


def test_no_speech_is_one_line(tmp_path):
    """A folder that isn't there, one that is empty, and one where all is too long."""
    with pytest.raises(CorpusError, match="no such folder"):
        read_speech([tmp_path / "none"])
    with pytest.raises(CorpusError):
        read_speech([tmp_path])


@pytest.fixture(scope="session")
def examples(speech):
    """In rooms and noise."""
    return SpokenExamples(speech.fitted, FrontEndConfig(), seed=1, batch=4)


def test_every_utterance_is_said_once_an_epoch(examples, speech):
    """Alone or in a row with others, its text whole, and long enough to be written."""
    words = sorted(" ".join(u.text for u in speech.fitted).split())
    batches = list(examples.epoch(0))
    found = [
        decode(batch.labels[row, : batch.lengths[row]])
        for batch in batches
        for row in range(len(batch))
    ]
    assert sorted(" ".join(found).split()) == words
    for batch in batches:
        assert np.isfinite(batch.features).all()
        assert (batch.steps * 3 <= batch.features.shape[1]).all()
        assert (batch.steps >= batch.lengths).all()


def test_epochs_are_drawn_from_the_seed(speech, examples):
    """The same epoch is the same to the bit, the next one is another."""
    again = SpokenExamples(speech.fitted, FrontEndConfig(), seed=1, batch=4)
    one, two = next(examples.epoch(3)), next(again.epoch(3))
    assert np.array_equal(one.features, two.features)
    assert not np.array_equal(next(again.epoch(4)).labels, one.labels) or not np.array_equal(
        next(again.epoch(4)).features[:, :5], one.features[:, :5]
    )


@pytest.mark.parametrize(("features", "bands"), [("spectrogram", 161), ("mfcc", 13)])
def test_older_features_are_standardised(speech, features, bands):
    """About 0 with a deviation of about 1 in each band."""
    plain = PlainExamples(speech.fitted, "asr-rnn", features, seed=1, batch=8)
    rows = np.concatenate([plain.frames(i) for i in range(len(speech.fitted))])
    assert rows.shape[1] == bands
    assert abs(rows.mean()) < 0.3
    assert 0.3 < rows.std() < 2


@settings(max_examples=10)
@given(text=st.text("abc '", min_size=1, max_size=6), seed=st.integers(0, 99))
def test_the_loss_is_the_texts_likelihood(text, seed):
    """By the plain sum over the ways to spell it, in nats a symbol."""
    numbers = encode(text)
    logits = np.random.default_rng(seed).normal(size=(14, 29)).astype(np.float32)
    found = ctc_loss(
        logits[np.newaxis],
        np.array([14], np.int32),
        np.array([[*numbers, 0, 0]], np.int32),
        np.array([len(numbers)], np.int32),
    )
    expected = -forward(log_softmax(logits).astype(np.float64), numbers) / len(numbers)
    assert float(found) == pytest.approx(expected, rel=1e-4)


def forward(rows, numbers):
    """The logarithm of a text's probability, by the textbook."""
    row = [BLANK]
    for number in numbers:
        row += [number, BLANK]
    alpha = np.full(len(row), -np.inf)
    alpha[:2] = rows[0, row[:2]]
    for step in rows[1:]:
        before = alpha.copy()
        for at, symbol in enumerate(row):
            ways = [before[at]]
            if at:
                ways.append(before[at - 1])
            if at > 1 and symbol not in (BLANK, row[at - 2]):
                ways.append(before[at - 2])
            alpha[at] = np.logaddexp.reduce(ways) + step[symbol]
    return np.logaddexp(alpha[-1], alpha[-2])


def toy_batches(epoch):
    """Frames that show their letter plainly: what can be learned in seconds."""
    rng = np.random.default_rng(epoch)
    for _ in range(12):
        labels = rng.integers(2, 6, size=(8, 4)).astype(np.int32)
        features = 0.1 * rng.normal(size=(8, 16, 8)).astype(np.float32)
        for row, numbers in enumerate(labels):
            for at, number in enumerate(numbers):
                features[row, 4 * at + 1 : 4 * at + 3, number] += 3.0
        yield Batch(features, np.full(8, 16, np.int32), labels, np.full(8, 4, np.int32))


def toy_network():
    """One GRU, the same weights every time."""
    keras = asr.keras
    keras.utils.set_random_seed(5)
    return keras.Sequential(
        [
            keras.layers.Input((None, 8)),
            keras.layers.GRU(24, return_sequences=True),
            keras.layers.Dense(29),
        ]
    )


def test_a_fit_learns_to_write():
    """What shows plainly in the frames is read without an error after a few epochs."""
    model = toy_network()
    settings_ = CtcSettings(epochs=9, peak_rate=0.03, average=0.9, chapter=12)
    losses = fit_ctc(model, toy_batches, settings_, batches_an_epoch=12)
    assert len(losses) == 9
    assert losses[-1] < 0.3 * losses[0]
    batch = next(iter(toy_batches(99)))
    rows = log_softmax(model(batch.features).numpy())
    right = sum(greedy(r).text == decode(n) for r, n in zip(rows, batch.labels, strict=True))
    assert right >= 7


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_stopped_fit_goes_on(tmp_path, optimizer):
    """With the losses it had, from its last whole chapter; one that had ended is as it was."""
    checkpoint = tmp_path / "fit.npz"
    short = CtcSettings(epochs=1, optimizer=optimizer, peak_rate=0.01, average=0.9, chapter=6)
    long = CtcSettings(epochs=3, optimizer=optimizer, peak_rate=0.01, average=0.9, chapter=6)
    first = fit_ctc(toy_network(), toy_batches, short, checkpoint=checkpoint, batches_an_epoch=12)
    model = toy_network()
    losses = fit_ctc(model, toy_batches, long, checkpoint=checkpoint, batches_an_epoch=12)
    assert losses[: len(first)] == first
    assert len(losses) > len(first)
    other = toy_network()
    again = fit_ctc(other, toy_batches, long, checkpoint=checkpoint, batches_an_epoch=12)
    assert again == losses
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_another_networks_checkpoint_is_refused(tmp_path):
    """By name, and nothing is overwritten."""
    checkpoint = tmp_path / "fit.npz"
    one = CtcSettings(epochs=1, chapter=6)
    fit_ctc(toy_network(), toy_batches, one, checkpoint=checkpoint, batches_an_epoch=12)
    keras = asr.keras
    other = keras.Sequential([keras.layers.Input((None, 8)), keras.layers.Dense(29)])
    with pytest.raises(FitError, match="another network"):
        fit_ctc(other, toy_batches, one, checkpoint=checkpoint, batches_an_epoch=12)


def test_errors_are_counted_by_character_and_word():
    """One word of four wrong by one letter of fifteen."""
    rates = error_rates(["turn on the lamp", "go"], ["turn on the lamb", "go"])
    assert rates.words == pytest.approx(1 / 5)
    assert rates.characters == pytest.approx(1 / 18)
    assert rates.right == 0.5
    with pytest.raises(ScoreError, match="pairs"):
        error_rates(["a"], [])


def run(*words):
    """The command line, as typed."""
    return CliRunner().invoke(cli, list(map(str, words)), catch_exceptions=False)


def test_ours_becomes_a_bundle_that_writes(clips, tmp_path, voice):
    """Trained for a moment, exported, measured on what was held out, and loaded again."""
    made = run(
        "train", "asr-default", "--data", clips, "--out", tmp_path, "--minutes", 0.01, "--json"
    )
    assert made.exit_code == 0, made.output
    figures = json.loads(made.stdout)
    assert figures["parameters"] == asr.build("asr-default").count_params()
    assert figures["held_out"]["utterances"] == 6
    transcriber = load_transcriber(tmp_path / "asr-default.json")
    assert transcriber.bundle.manifest.measured["held_out"] == figures["held_out"]
    assert transcriber.hear(voice).shape[1] == 29
    assert json.loads((tmp_path / "asr-default.losses.json").read_text())["losses"]


def silent(page):
    """Without its sounds: an OGG stream has a number that is drawn."""
    return re.sub(r'data:audio/ogg[^"]*', "", page)


def test_the_older_ones_are_compared(clips, tmp_path):
    """A table by rank, a picture of the losses; given again, nothing is trained again."""
    command = ["compare", "asr", "--data", clips, "--out", tmp_path, "--epochs", 1, "--json"]
    command += ["--network", "asr-rnn", "--network", "asr-cnn-rnn"]
    made = run(*command)
    assert made.exit_code == 0, made.output
    rows = json.loads(made.stdout)
    assert {row["name"]: row["parameters"] for row in rows} == {
        "asr-rnn": 16_617,
        "asr-cnn-rnn": 442_029,
    }
    assert (tmp_path / "asr-losses.png").read_bytes().startswith(b"\x89PNG")
    assert "`asr-rnn` | 16,617" in (tmp_path / TABLE).read_text()
    for row in rows:
        assert 0 < len(row["worst"]) <= 6
        shares = [misread["wrong"] for misread in row["worst"]]
        assert shares == sorted(shares, reverse=True)
        assert all(misread["said"] in SAID for misread in row["worst"])
    page = (tmp_path / "asr-comparison.html").read_text()
    assert page.count("<audio") == sum(len(row["worst"]) for row in rows)
    assert page.count('class="curve ') == 2
    kept = (tmp_path / RESULTS).read_bytes()
    again = run(*command, "--html", tmp_path / "again.html")
    assert silent((tmp_path / "again.html").read_text()) == silent(page)
    assert again.stderr.count("is done") == 2
    assert (tmp_path / RESULTS).read_bytes() == kept


def test_what_an_older_comparison_kept_is_taken_up(clips, tmp_path):
    """Without what was read worst: its page has the figures and no sound."""
    row = {"name": "asr-rnn", "parameters": 16_617, "losses": [3.0, 2.5]}
    (tmp_path / RESULTS).write_text(json.dumps([row | {"characters": 0.5, "words": 1.0}]))
    made = run("compare", "asr", "--data", clips, "--out", tmp_path, "--network", "asr-rnn")
    assert made.exit_code == 0, made.output
    assert "| 1 | `asr-rnn` | 16,617 | 2.500 | 50.0 % | 100.0 % |" in made.stdout
    assert "<audio" not in (tmp_path / "asr-comparison.html").read_text()


def test_the_worst_read_come_first():
    """What is right is not among them, and of equally wrong ones the first stays first."""
    files = [Path(f"{n}.flac") for n in range(4)]
    found = worst_read(files, ["go", "no", "yes", "up"], ["go", "", "yas", ""], 2)
    assert [(Path(m.file).name, m.wrong) for m in found] == [("1.flac", 1.0), ("3.flac", 1.0)]
    assert [m.said for m in worst_read(files, ["go"] * 4, ["go", "g", "gogo", "go"])] == ["go"] * 2


def test_results_are_ranked_by_errors_then_by_loss():
    """What wasn't measured comes last."""
    rows = [
        Result("c", 1, (2.0, 1.0), None, None),
        Result("b", 1, (3.0,), 0.5, 0.9),
        Result("a", 1, (4.0,), 0.4, 0.9),
    ]
    ranked = sorted(rows, key=lambda r: r.rank)
    assert [r.name for r in ranked] == ["a", "b", "c"]
    assert "40.0 %" in table(ranked)
    assert "–" in table(ranked)


def test_no_data_is_a_usage_error(tmp_path):
    """And a folder without speech is one line."""
    assert run("train", "asr-rnn").exit_code == 2
    made = CliRunner().invoke(cli, ["compare", "asr", "--data", str(tmp_path)])
    assert made.exit_code == 1
    assert str(tmp_path) in str(made.output) + str(made.exception)
