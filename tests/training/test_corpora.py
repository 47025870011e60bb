"""Corpora as people download them: recognised by shape, refused in a line with what is there."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from wakeful.models.labels import SILENCE, UNKNOWN
from wakeful.training.corpora import (
    Clip,
    read_corpus,
    require_labels,
    require_several,
)
from wakeful.training.corpora_classes import Shares, wanted_and_rest
from wakeful.training.corpora_count import count_corpus
from wakeful.training.corpora_sound import padded, read_clip, read_clips
from wakeful.training.corpora_splits import (
    folds,
    leave_one_out,
    official_split,
    own_split,
    random_split,
    shared_speakers,
    split_by_speaker,
)
from wakeful.training.corpus import CorpusError

TONE = np.sin(np.arange(4_000) / 5).astype(np.float32) / 2


def write(path: Path, sound: np.ndarray = TONE, rate_hz: int = 16_000) -> Path:
    """A sound file in a folder that may not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, rate_hz)
    return path


def speech_commands(folder: Path, speakers: int = 40) -> Path:
    """A tree as Speech Commands unpacks: three words, many speakers, a minute of noise."""
    for number in range(speakers):
        for word in ("yes", "no", "bird"):
            write(folder / word / f"{number * 2654435761 % 2**32:08x}_nohash_0.wav")
    write(folder / "_background_noise_" / "hum.wav", np.tile(TONE, 40))
    (folder / "_background_noise_" / "README.md").write_text("noise\n")
    return folder


def fsdd(folder: Path, speakers: tuple[str, ...] = ("ann", "bob", "cat")) -> Path:
    """Ten digits by some speakers, twice each, at 8 kHz."""
    for name in speakers:
        for digit in range(10):
            for take in range(2):
                write(folder / "recordings" / f"{digit}_{name}_{take}.wav", TONE[:2_000], 8_000)
    return folder


def test_speech_commands_know_speaker_and_split(tmp_path: Path) -> None:
    """Both are in a file's name; minutes of noise are no clips."""
    found = read_corpus(speech_commands(tmp_path))
    assert found.shape == "speech-commands"
    assert found.labels == ["bird", "no", "yes"]
    assert len(found.speakers) == 40
    assert [p.name for p in found.noise] == ["hum.wav"]
    assert {c.split for c in found.clips} == {"train", "validation", "test"}
    assert not shared_speakers(*own_split(found.clips).values())


def test_the_official_split_is_the_published_one() -> None:
    """As the data set's own lists have these speakers."""
    assert official_split("022cd682_nohash_0.wav") == "test"
    assert official_split("0c40e715_nohash_0.wav") == "test"
    assert official_split("026290a7_nohash_0.wav") == "validation"
    assert official_split("00f0204f_nohash_0.wav") == "train"


@given(st.text("0123456789abcdef", min_size=8, max_size=8), st.integers(0, 9))
def test_a_speaker_stays_on_the_official_side(speaker: str, take: int) -> None:
    """Whichever of their recordings it is, of whichever word."""
    assert official_split(f"{speaker}_nohash_{take}.wav") == official_split(speaker)


def test_lists_beside_the_words_go_before_the_hash(tmp_path: Path) -> None:
    """Version 0.02 brings its lists; what they don't name is for training."""
    folder = speech_commands(tmp_path, 10)
    first = sorted((folder / "yes").iterdir())[0].name
    (folder / "testing_list.txt").write_text(f"yes/{first}\n")
    (folder / "validation_list.txt").write_text("")
    found = read_corpus(folder)
    assert [(c.label, c.path.name) for c in found.clips if c.split == "test"] == [("yes", first)]


def test_fsdd_knows_digit_and_speaker(tmp_path: Path) -> None:
    """Whether its recordings lie in their own folder or not, and one folder further down."""
    found = read_corpus(fsdd(tmp_path / "unpacked").parent)
    assert (found.shape, len(found.clips)) == ("fsdd", 60)
    assert found.labels == list("0123456789")
    assert found.speakers == ["ann", "bob", "cat"]
    assert read_corpus(tmp_path / "unpacked" / "recordings").speakers == found.speakers


def test_librispeech_knows_text_speaker_and_subset(tmp_path: Path) -> None:
    """A line without its sound is told as missing."""
    at = tmp_path / "LibriSpeech" / "dev-clean" / "19" / "198"
    write(at / "19-198-0000.flac")
    (at / "19-198.trans.txt").write_text("19-198-0000 NORTHANGER ABBEY\n19-198-0001 GONE\n")
    found = read_corpus(tmp_path)
    (clip,) = found.clips
    assert (found.shape, clip.label, clip.speaker) == ("librispeech", "northanger abbey", "19")
    assert clip.split == "validation"
    assert [p.name for p in found.missing] == ["19-198-0001.flac"]


def test_folders_of_words_are_a_corpus(tmp_path: Path) -> None:
    """Nobody says who speaks, so every file is a person of its own."""
    for word in ("tea", "coffee"):
        for number in range(3):
            write(tmp_path / word / f"{number}.flac")
    found = read_corpus(tmp_path)
    assert (found.shape, found.labels, found.speakers) == ("folders", ["coffee", "tea"], [])


@pytest.mark.parametrize("heading", ["file,label,speaker", "path\tsentence\tclient_id"])
def test_tables_name_files_labels_and_speakers(tmp_path: Path, heading: str) -> None:
    """By the usual headings; a file may have been converted since the table was written."""
    mark = "\t" if "\t" in heading else ","
    write(tmp_path / "clips" / "a.flac")
    rows = [heading, mark.join(["a.mp3", "one", "ann"]), mark.join(["b.mp3", "two", "bob"])]
    (tmp_path / "train.tsv").write_text("\n".join(rows) + "\n")
    found = read_corpus(tmp_path)
    (clip,) = found.clips
    assert (found.shape, clip.label, clip.speaker, clip.split) == ("table", "one", "ann", "train")
    assert [p.name for p in found.missing] == ["b.mp3"]


def test_our_own_manifests_are_tables(tmp_path: Path) -> None:
    """What `wakeful synth clips` makes is a corpus too; the voice is the speaker."""
    write(tmp_path / "a.flac")
    row = {"file": "a.flac", "text": "one two", "voice": "en-us", "split": "validation"}
    (tmp_path / "manifest.jsonl").write_text(json.dumps(row) + "\n")
    (clip,) = read_corpus(tmp_path).clips
    assert (clip.label, clip.speaker, clip.split) == ("one two", "en-us", "validation")


def test_a_table_without_its_sound_is_refused(tmp_path: Path) -> None:
    """The line names the table and a file."""
    (tmp_path / "list.csv").write_text("file,label\nx.wav,one\n")
    with pytest.raises(CorpusError, match=r"list\.csv: none of its 1 files.*x\.wav"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    ("names", "said"),
    [([], "found nothing"), (["a.txt", "b.wav"], r"found a\.txt, b\.wav \(1 sound")],
)
def test_any_other_shape_is_refused_with_what_was_found(
    tmp_path: Path, names: list[str], said
) -> None:
    """One line with what was expected and what is there."""
    for name in names:
        write(tmp_path / name) if name.endswith("wav") else (tmp_path / name).write_text("x")
    with pytest.raises(CorpusError, match=f"expected a folder for each word.*{said}"):
        read_corpus(tmp_path)


def test_no_folder_is_refused(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(CorpusError, match="nowhere: no such folder"):
        read_corpus(tmp_path / "nowhere")


def test_what_a_comparison_needs_is_asked_for(tmp_path: Path) -> None:
    """One class, one speaker, or other words than those wanted."""
    one = read_corpus(fsdd(tmp_path / "a", ("ann",)))
    with pytest.raises(CorpusError, match="1 speaker, at least 2"):
        require_several(one, speakers=2)
    with pytest.raises(CorpusError, match="no clips of yes; found 0, 1, 2, 3 and 6 more"):
        require_labels(one, ["yes", "1"])
    write(tmp_path / "b" / "yes" / "1.wav")
    write(tmp_path / "b" / "yes" / "2.wav")
    (tmp_path / "b" / "LICENSE").write_text("x")
    with pytest.raises(CorpusError, match="1 label, at least 2"):
        require_several(read_corpus(tmp_path / "b"))


people = st.lists(st.integers(1, 9), min_size=3, max_size=30)


def clips_of(takes: list[int]) -> list[Clip]:
    """So many clips of each person."""
    return [
        Clip(Path(f"{who}-{n}.wav"), str(n % 3), f"s{who}")
        for who, count in enumerate(takes)
        for n in range(count)
    ]


@given(people, st.integers(0, 99))
def test_nobody_is_on_two_sides_and_nothing_is_lost(takes: list[int], seed: int) -> None:
    """However unevenly people spoke."""
    clips = clips_of(takes)
    sides = split_by_speaker(clips, np.random.default_rng(seed))
    assert not shared_speakers(*sides.values())
    assert Counter(c for side in sides.values() for c in side) == Counter(clips)
    assert all(sides.values())


@given(people, st.integers(0, 99))
def test_folds_part_people(takes: list[int], seed: int) -> None:
    """Every clip is in one fold, every person too, and each fold holds somebody."""
    clips = clips_of(takes)
    parts = folds(clips, 3, np.random.default_rng(seed))
    assert not shared_speakers(*parts)
    assert sum(len(part) for part in parts) == len(clips)
    assert all(parts)


@given(people)
def test_one_after_the_other_is_left_out(takes: list[int]) -> None:
    """Each once, and what is learnt from never holds them."""
    clips = clips_of(takes)
    rounds = list(leave_one_out(clips))
    assert [who for who, _, _ in rounds] == sorted({c.speaker for c in clips})
    assert all(not shared_speakers(rest, theirs) for _, rest, theirs in rounds)
    assert sum(len(theirs) for _, _, theirs in rounds) == len(clips)


@given(people, st.integers(0, 99))
def test_a_random_split_takes_some_of_every_label(takes: list[int], seed: int) -> None:
    """A tenth of each, one at least."""
    clips = clips_of(takes)
    rest, kept = random_split(clips, np.random.default_rng(seed))
    assert {c.label for c in kept} == {c.label for c in clips}
    assert Counter(rest + kept) == Counter(clips)


def test_too_few_people_cannot_be_parted() -> None:
    """Two people don't make three sides, one leaves nobody to learn from."""
    with pytest.raises(CorpusError, match="2 speakers"):
        split_by_speaker(clips_of([3, 3]), np.random.default_rng(0))
    with pytest.raises(CorpusError, match="one speaker"):
        list(leave_one_out(clips_of([3])))


def test_silence_and_unknown_words_come_in_their_share(tmp_path: Path) -> None:
    """In every split for itself, silence being pieces of a second from the noise."""
    corpus = read_corpus(speech_commands(tmp_path, 60))
    rng = np.random.default_rng(1)
    made = wanted_and_rest(corpus, rng, ("yes", "no"), Shares(0.25, 0.1))
    for split in ("train", "validation", "test"):
        count = Counter(c.label for c in made if c.split == split)
        words = count["yes"] + count["no"]
        assert count[UNKNOWN] == -(-words // 4)
        assert count[SILENCE] == -(-words // 10)
    (piece, *_) = [c for c in made if c.label == SILENCE]
    assert len(read_clip(piece)) == 16_000


def test_silence_that_is_there_is_taken(tmp_path: Path) -> None:
    """All of it, without the noise being asked."""
    for word in ("yes", "no", SILENCE, UNKNOWN):
        for number in range(4):
            write(tmp_path / word / f"{number}.wav")
    made = wanted_and_rest(read_corpus(tmp_path), np.random.default_rng(1), ("yes", "no"))
    assert Counter(c.label for c in made) == {"yes": 4, "no": 4, SILENCE: 4, UNKNOWN: 4}


def test_sound_is_brought_to_the_rate_that_is_asked(tmp_path: Path) -> None:
    """8 kHz becomes 16 or 22.05, mono, float32, as loud as it was."""
    path = write(tmp_path / "a.wav", np.stack([TONE, TONE], 1), 8_000)
    for rate_hz in (8_000, 16_000, 22_050):
        sound = read_clip(Clip(path, "x"), rate_hz)
        assert sound.dtype == np.float32
        assert abs(len(sound) - 4_000 * rate_hz / 8_000) < 3
        assert np.abs(sound[100:-100]).max() == pytest.approx(0.5, abs=0.01)


@given(st.integers(0, 40), st.integers(1, 40))
def test_padding_keeps_the_middle(length: int, wanted: int) -> None:
    """What is short lies in the middle of silence, of what is long the middle is taken."""
    sound = np.arange(1, length + 1, dtype=np.float32)
    made = padded(sound, wanted)
    assert len(made) == wanted
    kept = made[made > 0]
    assert len(kept) == min(length, wanted)
    assert np.all(np.diff(kept) == 1)
    before, behind = np.argmax(made > 0), np.argmax(made[::-1] > 0)
    assert not length or abs(int(before) - int(behind)) <= 1


def test_a_few_broken_clips_are_named_and_skipped(tmp_path: Path) -> None:
    """Up to a share; beyond it the data set is refused."""
    folder = fsdd(tmp_path)
    (folder / "recordings" / "3_ann_0.wav").write_bytes(b"no sound")
    soundfile.write(folder / "recordings" / "4_ann_0.wav", np.zeros(0), 8_000)
    corpus = read_corpus(folder)
    heard = read_clips(corpus.clips, max_bad_share=0.05)
    assert [b.path.name for b in heard.bad] == ["3_ann_0.wav", "4_ann_0.wav"]
    assert len(heard) == 58
    count = count_corpus(corpus, max_bad_share=0.05)
    assert [b.path.name for b in count.bad] == ["3_ann_0.wav", "4_ann_0.wav"]
    with pytest.raises(CorpusError, match=r"2 of 60 clips.*2% may be.*3_ann_0\.wav"):
        read_clips(corpus.clips)


def test_a_corpus_is_counted(tmp_path: Path) -> None:
    """Clips, hours, lengths, speakers and labels."""
    count = count_corpus(read_corpus(fsdd(tmp_path)))
    assert (count.clips, count.speakers, count.missing) == (60, 3, 0)
    assert count.hours == pytest.approx(60 * 0.25 / 3600)
    assert count.length_s == dict.fromkeys((0, 5, 25, 50, 75, 95, 100), 0.25)
    assert count.clips_a_speaker[50] == 20
    first = count.labels[0]
    assert (first.label, first.clips, first.speakers) == ("0", 6, 3)
