"""Pages: whole, self-contained, and text on them is text."""

import io
import re
import struct
import zlib

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from parsed_page import Parsed, decoded
from wakeful.synth.labels import MASKED
from wakeful.synth.page import (
    Markup,
    PageError,
    data_uri,
    joined,
    page,
    player,
    table,
    tag,
    write_page,
)
from wakeful.synth.picture import HEIGHT, WIDTH, heat, label_spans, overlay, png, wave_path


@given(st.text(), st.text())
def test_text_is_shown_never_obeyed(text, value):
    """Whatever text and attributes hold, the page has the same elements and the text itself."""
    document = Parsed(tag("p", tag("b", text), title=value))
    assert [name for name, _ in document.found] == ["p", "b"]
    newlines = re.compile(r"\r\n?")
    if "\0" not in text + value:
        assert newlines.sub("\n", document.text) == newlines.sub("\n", text)
        assert document.all("p")[0]["title"] == value


def test_markup_stays_and_text_beside_it_is_escaped():
    """Only what is Markup already goes through as it is."""
    assert joined("<i>", Markup("<b>x</b>"), "&") == "&lt;i&gt;<b>x</b>&amp;"
    shown = Parsed(table("<c>", [("a & b", "<script>alert(1)</script>")]))
    assert [name for name, _ in shown.found] == ["table", "caption", "tbody", "tr", "th", "td"]
    assert shown.text == "<c>a & b<script>alert(1)</script>"


@given(arrays.arrays(np.int16, st.integers(1, 2_000)))
def test_a_player_holds_the_samples_to_the_bit(samples):
    """What a reader of the page hears is what was given."""
    (audio,) = Parsed(player(samples)).all("audio")
    heard, rate = soundfile.read(io.BytesIO(decoded(audio["src"])), dtype="int16")
    assert rate == 16_000
    assert np.array_equal(heard, samples)


def test_a_page_is_whole_and_forbids_itself_the_network():
    """One html, head and body; the policy lets nothing in but data."""
    document = Parsed(page("a < b", tag("h1", "x"), script="let a = 1 < 2;"))
    assert [name for name, _ in document.found][:2] == ["html", "head"]
    assert "a < b" in document.text
    (policy,) = [m["content"] for m in document.all("meta") if "http-equiv" in m]
    assert policy.startswith("default-src 'none'")
    assert not re.search(r"https?:|//", policy)
    assert any(m.get("name") == "viewport" for m in document.all("meta"))


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    """It replaces what was there, leaves nothing beside it, and says where it can't be written."""
    place = tmp_path / "página.html"
    for text in ("old", "new \udcff"):
        write_page(place, text)
    assert place.read_text() == "new ?"
    assert list(tmp_path.iterdir()) == [place]
    with pytest.raises(PageError, match=r"no/place\.html: can't be written \(No such"):
        write_page(tmp_path / "no" / "place.html", "x")


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 60))))
def test_a_png_holds_every_shade(shades):
    """Read back by the format's own rules: size, check sums, palette, and each pixel."""
    content = png(shades)
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", content, at + 8 + size)[0] == zlib.crc32(name + body)
        chunks[name], at = body, at + 12 + size
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (height, width, depth, kind) == (*shades.shape, 8, 3)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    assert np.array_equal(lines[:, 1:], shades)
    colours = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(256, 3)
    brightness = colours @ np.array([0.299, 0.587, 0.114])
    # Ordered by brightness alone: who sees no colour reads it as well.
    assert (brightness[4:] > brightness[:-4]).all()


def test_heat_has_time_to_the_right_and_high_bands_above():
    """The one bright value of a frame lies where its time and its band say."""
    frames = np.zeros((30, 10), np.float32)
    frames[20, 9] = 1.0
    source = Parsed(heat(frames, 0.0, 1.0)).all("image")[0]["href"]
    picture, rate = decoded(source), struct.unpack_from(">II", decoded(source), 16)
    assert rate == (30, 10)
    start = picture.index(b"IDAT") + 4
    lines = np.frombuffer(zlib.decompress(picture[start:]), np.uint8).reshape(10, 31)
    assert np.argwhere(lines == 255).tolist() == [[0, 21]]


@given(arrays.arrays(np.int16, st.integers(0, 3_000)))
def test_an_outline_stays_inside_its_area(samples):
    """Any sound, silence and the lowest sample too, is drawn from edge to edge and no further."""
    points = re.findall(r"[ML](-?\d+) (-?[\d.]+)", wave_path(samples))
    assert bool(points) == bool(len(samples))
    for x, y in points:
        assert 0 <= int(x) <= WIDTH
        assert 0 <= float(y) <= HEIGHT


@given(st.lists(st.sampled_from([0, 1, MASKED]), min_size=1, max_size=60))
def test_spans_cover_each_marked_step_once(labels):
    """Put back, the runs make the labels again; neighbours of another label are another run."""
    again = np.zeros(len(labels), np.int8)
    for label, first, after in label_spans(np.array(labels, np.int8)):
        assert not again[first:after].any()
        again[first:after] = label
    assert again.tolist() == labels


def test_marks_lie_where_the_labels_do():
    """Steps 4 to 6 of 10 are 1, 2 to 3 masked, the word's end at seven tenths."""
    labels = np.array([0, 0, MASKED, MASKED, 1, 1, 1, 0, 0, 0], np.int8)
    document = Parsed(joined(*overlay(labels, 700, 1_000)))
    places = [(r["class"], float(r["x"]), float(r["width"])) for r in document.all("rect")]
    assert places == [("masked", 200, 200), ("labelled", 400, 300)]
    assert {float(line["x1"]) for line in document.all("line")} == {700}
    assert overlay(np.zeros(10, np.int8), None, 1_000) == []


def test_an_address_of_bytes():
    """The form that browsers know."""
    assert data_uri(b"\0\1", "image/png") == "data:image/png;base64,AAE="
