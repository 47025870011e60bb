"""The picture of a recording: what is on it lies where it belongs, and it replaces a file whole."""

import os
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colors, rc_context, rcParams
from matplotlib.image import imread
from wakeful.daemon import plot_rows
from wakeful.daemon.events import SpeechEnd, Wake
from wakeful.daemon.plot import PlotError, draw
from wakeful.daemon.plot_rows import DARK, LIGHT, envelope, picture, shortened
from wakeful.models.features import LINEAR_161, LOG_MEL_80

RATE_HZ = 16_000
LEFT, WIDTH = 88, 1_020
"""Where the time axis lies in a picture of 1200 pixels."""


def speechlike(duration_s, seed=0):
    """Bursts of tones over hiss."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(RATE_HZ * duration_s)) / RATE_HZ
    voice = np.sin(2 * np.pi * 300 * t) * np.maximum(0, np.sin(2 * np.pi * 1.5 * t)) * 9_000
    return (voice + rng.normal(size=len(t)) * 50).astype(np.int16)


def steps(duration_s, value=0.1, peak_s=None):
    """A model's name, its steps of 30 ms, and a probability that is high once."""
    at = np.arange(480, round(RATE_HZ * duration_s) + 1, 480)
    probabilities = np.full(len(at), value, np.float32)
    if peak_s is not None:
        probabilities[np.abs(at / RATE_HZ - peak_s).argmin()] = 0.97
    return "activate", at, probabilities


def common(sample):
    """What every event carries."""
    return {"seq": 0, "time": 0.0, "sample": sample, "source": "test"}


def wake(at_s):
    """The model fired."""
    return Wake(keyword="activate", model="activate", score=0.97, **common(round(at_s * RATE_HZ)))


def speech(start_s, end_s, ending="silence"):
    """Something was said, or nothing."""
    return SpeechEnd(
        start_sample=round(start_s * RATE_HZ),
        duration_s=end_s - start_s,
        ending=ending,
        **common(round(end_s * RATE_HZ)),
    )


def columns_of(path, colour, rows=slice(72, 746), within=0.02):
    """The pixel columns of the plots in which a colour stands, counted from the left."""
    pixels = imread(path)[rows, LEFT : LEFT + WIDTH, :3]
    near = np.abs(pixels - np.array(colors.to_rgb(colour))).max(axis=2) < within
    return np.flatnonzero(near.any(axis=0))


@pytest.fixture
def out(tmp_path):
    """Where the picture goes."""
    return tmp_path / "picture.png"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("spectrogram", ["mel", "linear"])
def test_a_picture_is_a_png_of_its_size_with_much_on_it(out, theme, spectrogram):
    """1200 by 800 on the theme's paper, with the spectrogram's many colours in its middle."""
    events = [wake(1.0), speech(1.2, 1.8)]
    curves = [steps(2, peak_s=1.0)]
    sound = speechlike(2)
    draw(out, sound, curves, events, "kitchen.wav", 0.5, spectrogram=spectrogram, theme=theme)
    assert out.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    pixels = imread(out)
    assert pixels.shape[:2] == (800, 1_200)
    paper = colors.to_rgb((LIGHT if theme == "light" else DARK).paper)
    assert np.abs(pixels[0, 0, :3] - paper).max() < 0.01
    middle = pixels[300:520, LEFT : LEFT + WIDTH, :3].reshape(-1, 3)
    assert len(np.unique(middle, axis=0)) > 100


def test_what_was_said_is_shaded_where_it_was_said(out):
    """From its first to its last second behind the waveform, and nowhere else."""
    draw(out, speechlike(10), [], [speech(4.0, 7.0)], "x", 0.5)
    shaded = columns_of(out, LIGHT.speech)
    assert abs(shaded.min() - 0.4 * WIDTH) <= 2
    assert abs(shaded.max() - 0.7 * WIDTH) <= 2


def test_when_nothing_was_said_nothing_is_shaded(out):
    """The wait for a command that never came is no speech."""
    draw(out, speechlike(10), [], [speech(4.0, 7.0, "nothing")], "x", 0.5)
    assert not len(columns_of(out, LIGHT.speech))


def test_a_marker_stands_where_the_model_fired(out):
    """At its second, on the time axis that all rows share; no wake, no marker."""
    draw(out, speechlike(10), [steps(10, peak_s=3)], [wake(3.0)], "x", 0.5)
    # Below the spectrogram, whose map has such an orange too.
    marked = columns_of(out, LIGHT.fired, slice(580, 746))
    assert abs(marked.mean() - 0.3 * WIDTH) <= 2
    draw(out, speechlike(10), [steps(10, peak_s=3)], [], "x", 0.5)
    assert not len(columns_of(out, LIGHT.fired, slice(580, 746)))


def test_a_model_that_slept_leaves_a_gap(out):
    """No line joins the probabilities before and after a pause."""
    name, at, probabilities = steps(10, value=0.3)
    heard = (at < 4 * RATE_HZ) | (at > 8 * RATE_HZ)
    draw(out, speechlike(10), [(name, at[heard], probabilities[heard])], [], "x", 0.6)
    drawn = columns_of(out, LIGHT.curves[0], slice(650, 746), within=0.25)
    assert not ((drawn > 0.41 * WIDTH) & (drawn < 0.79 * WIDTH)).any()
    assert ((drawn < 0.4 * WIDTH) & (drawn > 0.2 * WIDTH)).any()
    assert (drawn > 0.81 * WIDTH).any()


def test_each_model_has_its_own_threshold(out, tmp_path):
    """Given by name, a line stands at another height than with one threshold for all."""
    curves = [("a", *steps(2)[1:]), ("b", *steps(2)[1:])]
    draw(out, speechlike(2), curves, [], "x", {"a": 0.5, "b": 0.9})
    other = tmp_path / "other.png"
    draw(other, speechlike(2), curves, [], "x", 0.5)
    differ = np.flatnonzero((imread(out) != imread(other)).any(axis=(1, 2)))
    assert len(differ)
    assert differ.min() > 600


def test_with_many_models_the_picture_grows(out):
    """Three rows fit; each further one brings its own height."""
    curves = [(f"model {n}", *steps(2)[1:]) for n in range(5)]
    draw(out, speechlike(2), curves, [], "x", 0.5)
    assert imread(out).shape[:2] == (800 + 2 * 130, 1_200)


def test_ten_minutes_show_one_click_and_one_high_step(out):
    """What lasts a sample or a step is still there where a pixel is half a second wide."""
    sound = np.zeros(600 * RATE_HZ, np.int16)
    sound[450 * RATE_HZ] = 20_000
    draw(out, sound, [steps(600, value=0.0, peak_s=300)], [], "x", 0.8)
    waved = columns_of(out, LIGHT.wave, slice(80, 140))
    assert len(waved)
    assert np.abs(waved - 0.75 * WIDTH).max() <= 3
    # Above the threshold, right of the name.
    high = columns_of(out, LIGHT.curves[0], slice(608, 625))
    high = high[high > 100]
    assert len(high)
    assert np.abs(high - 0.5 * WIDTH).max() <= 3


@pytest.mark.parametrize(("length", "value"), [(1, 0), (2, 32_767), (479, -32_768), (16_000, 0)])
def test_short_silent_and_loudest_sound_is_drawn(out, length, value):
    """A single sample, nothing but zeros, the lowest value that 16 bits hold."""
    draw(out, np.full(length, value, np.int16), [steps(length / RATE_HZ)], [], "x", 0.5)
    assert imread(out).shape[:2] == (800, 1_200)


@pytest.mark.parametrize(
    "title",
    ["costs $5_\\frac{$", "two\nlines\tof it", "録音 🎤.wav", "x" * 4_000, ""],
)
def test_any_name_of_a_file_is_just_text(out, title):
    """Neither formulas nor glyphs that the font lacks make a warning, let alone an error."""
    draw(out, speechlike(0.2), [(title, *steps(0.2)[1:])], [], title, 0.5)
    assert imread(out).shape[:2] == (800, 1_200)


def test_a_picture_is_replaced_not_written_over(out, tmp_path):
    """Whoever holds the old file has the old picture; nothing else is left in the folder."""
    out.write_bytes(b"the old one")
    held = tmp_path / "held"
    os.link(out, held)
    draw(out, speechlike(0.5), [], [], "x", 0.5)
    assert held.read_bytes() == b"the old one"
    assert out.read_bytes().startswith(b"\x89PNG")
    assert sorted(tmp_path.iterdir()) == [held, out]


def test_a_picture_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    """No such folder, and a folder where the file should be: one line, no stray file."""
    folder = tmp_path / "taken"
    folder.mkdir()
    for path in (tmp_path / "no" / "such.png", folder):
        with pytest.raises(PlotError, match=f"can't write {path}: [^\n]+$"):
            draw(path, speechlike(0.2), [], [], "x", 0.5)
    assert list(tmp_path.iterdir()) == [folder]


def test_no_sound_is_an_error_of_its_own(out):
    """An empty recording has nothing to draw, and the line says which one it was."""
    with pytest.raises(PlotError, match=r"no sound in empty\.wav"):
        draw(out, np.zeros(0, np.int16), [], [], "empty.wav", 0.5)
    assert not out.exists()


def test_without_matplotlib_the_extra_is_named(out, monkeypatch):
    """Whoever installed the plain package reads what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(PlotError, match=r"pip install 'wakeful\[plot\]'"):
        draw(out, speechlike(0.2), [], [], "x", 0.5)


def test_matplotlibs_own_settings_neither_count_nor_change(out, tmp_path):
    """A user's style file draws nothing of ours, and ours is gone afterwards."""
    draw(out, speechlike(0.5), [], [], "x", 0.5)
    with rc_context({"xtick.labelsize": 30}):
        draw(tmp_path / "again.png", speechlike(0.5), [], [], "x", 0.5)
        assert rcParams["xtick.labelsize"] == 30
    assert (tmp_path / "again.png").read_bytes() == out.read_bytes()


@settings(deadline=None)
@given(length=st.integers(1, 3_000), columns=st.integers(1, 500), seed=st.integers(0, 99))
def test_an_envelope_holds_every_extreme(length, columns, seed):
    """Each column has the lowest and the highest of just its samples."""
    rng = np.random.default_rng(seed)
    samples = rng.integers(-32_768, 32_768, length).astype(np.int16)
    starts, low, high = envelope(samples, columns)
    parts = np.split(samples, starts[1:])
    assert len(starts) == min(columns, length)
    assert [part.min() for part in parts] == low.tolist()
    assert [part.max() for part in parts] == high.tolist()


@settings(deadline=None, max_examples=30)
@given(
    length=st.integers(1, 30_000),
    columns=st.integers(1, 120),
    piece=st.integers(1, 60),
    kind=st.sampled_from(["mel", "linear"]),
)
def test_a_picture_has_the_loudest_of_each_column_however_it_is_cut(length, columns, piece, kind):
    """Worked on in pieces, it is the whole clip's features, the highest of each run of frames."""
    features = LOG_MEL_80 if kind == "mel" else LINEAR_161
    samples = speechlike(2)[:length]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plot_rows, "_PIECE_FRAMES", piece)
        decibels, column_samples = picture(samples, kind, columns)
    padded = np.pad(samples, (0, max(0, features.window_samples - length)))
    whole = features.whole(padded) * 10 / np.log(10)
    run = column_samples // features.hop_samples
    expected = [whole[at : at + run].max(axis=0) for at in range(0, len(whole), run)]
    assert len(decibels) <= columns
    np.testing.assert_allclose(decibels, expected, atol=1e-3)


@given(st.text(max_size=300), st.sampled_from([20, 60, 84]))
def test_a_shortened_line_fits_and_keeps_both_ends(text, longest):
    """One line, no longer than asked, beginning and ending as the whole one does."""
    line = shortened(text, longest)
    whole = " ".join(text.split())
    assert len(line) <= longest
    assert "\n" not in line
    assert line == whole or (whole.startswith(line[:9]) and whole.endswith(line[-9:]))
