"""The report of a data set, opened: charts drawn, sounds played, points turned, nothing loaded."""

import re
from pathlib import Path

import numpy as np
import pytest
import recorded
import soundfile
from browser import Browser, Page, needs_chromium
from click.testing import CliRunner
from parsed_page import Parsed, decoded
from wakeful.daemon.cli import cli
from wakeful.models.errors import WakefulError
from wakeful.synth.noise import COLOURS, SLOPE_DB_PER_OCTAVE, coloured
from wakeful.training.explore_noises import measured_slope
from wakeful.training.lines import round_values

RATE_HZ = 16_000
EVIL = "<img src=x onerror=alert(1)>"
CLOSING = "a<⁄script><script>alert(1)"


def run(*arguments: object):
    """The command as a user gives it."""
    return CliRunner().invoke(cli, ["explore", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three words; among them names that are markup, in other scripts, and one that is broken."""
    made = recorded.commands(tmp_path_factory.mktemp("p") / "data & more", 3, 4, 2)
    for n, name in enumerate((EVIL, CLOSING, "启动 שלום")):
        soundfile.write(made / "word1" / f"{name}.flac", recorded.word(1, 9, n), RATE_HZ)
    (made / EVIL).mkdir()
    soundfile.write(made / EVIL / "x.wav", recorded.word(2, 7, 0), RATE_HZ)
    (made / "word2" / "broken.wav").write_bytes(b"nothing")
    return made


@pytest.fixture(scope="module")
def path(folder: Path) -> Path:
    """Its page."""
    html = folder.parent / "explored.html"
    clip = folder / "word0" / "00000001_nohash_1.flac"
    assert run(folder, "--html", html, "--noises", "--clip", clip).exit_code == 0
    return html


@pytest.fixture(scope="module")
def parsed(path: Path) -> Parsed:
    """The same, taken apart."""
    return Parsed(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chromium():
    """One browser for all of this file."""
    with Browser() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser, path: Path) -> Page:
    """The page opened anew."""
    return Page(chromium, path)


def test_the_page_shows_every_label_and_what_was_chosen(parsed: Parsed) -> None:
    """Each label has its typical recording; the chosen one comes first."""
    for name in ("word0", "word1", "word2", EVIL, "00000001_nohash_1.flac", "启动 שלום.flac"):
        assert name in parsed.text
    assert "What can't be read: 1" in parsed.text
    assert {"chosen", "typical", "odd", "alike", "bands", "noises", "leaks"} <= {
        section["id"] for section in parsed.all("section")
    }


def test_names_are_shown_and_never_obeyed(parsed: Parsed) -> None:
    """Markup in a name makes no element."""
    assert all(image.get("src") != "x" for image in parsed.all("img"))
    assert [s.get("type") for s in parsed.all("script")].count(None) == 1


def test_sounds_are_there_and_small(parsed: Parsed, path: Path) -> None:
    """Each is OGG with Opus that decodes to what can be heard."""
    sounds = [decoded(str(audio["src"])) for audio in parsed.all("audio")]
    assert len(sounds) > 20
    for sound in sounds[:5]:
        assert sound.startswith(b"OggS")
        assert b"OpusHead" in sound[:64]
    assert path.stat().st_size < 4e6


def test_nothing_is_loaded_from_anywhere(path: Path) -> None:
    """No address but those that hold what they name; the page's policy forbids others."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    (policy,) = (m for m in Parsed(text).all("meta") if "http-equiv" in m)
    assert str(policy["content"]).startswith("default-src 'none'")


def test_the_contents_lead_to_every_section(parsed: Parsed) -> None:
    """In their order."""
    ways = [str(a["href"]) for a in parsed.all("a")]
    assert ways == [f"#{section['id']}" for section in parsed.all("section")]


def ids(parsed: Parsed) -> list[str]:
    """Of all elements."""
    return [str(a["id"]) for _, a in parsed.found if "id" in a]


def test_every_card_is_found_by_one_name(parsed: Parsed) -> None:
    """For points lead to them."""
    assert len(ids(parsed)) == len(set(ids(parsed)))


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1_000])
def test_it_opens_without_a_complaint_and_fits(
    chromium: Browser, path: Path, width: int, scheme: str
) -> None:
    """On a phone and on a screen, light and dark: no error, nothing wider than the window."""
    page = Page(chromium, path, width, 900, scheme)
    page.wait("document.querySelector('canvas').dataset.drawn > 0")
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.complaints() == []
    paper = page.run("getComputedStyle(document.body).backgroundColor")
    brightness = np.mean([int(part) for part in re.findall(r"\d+", paper)[:3]])
    assert (brightness > 128) == (scheme == "light")


@needs_chromium
def test_charts_are_drawn(page: Page) -> None:
    """Each has a size and something in it; pictures have been decoded."""
    empty = page.run(
        "[...document.querySelectorAll('svg')].filter(s => s.checkVisibility() && "
        "(!s.children.length || s.getBoundingClientRect().height < 5)).length"
    )
    assert empty == 0
    assert page.run("document.querySelectorAll('svg').length") > 30
    broken = "[...document.images].filter(i => !i.naturalWidth).length"
    assert page.run(broken) == 0
    assert page.run("document.images.length") == 4  # a mean spectrogram for each label


@needs_chromium
def test_a_player_plays(page: Page) -> None:
    """Its time goes on, and the line over its pictures with it; another one stops it."""
    page.run("document.querySelector('article audio').play()")
    page.wait("document.querySelector('article audio').currentTime > 0.1")
    assert page.run("document.querySelector('article .cursor').style.display") == "block"
    page.run("document.querySelectorAll('article audio')[0].currentTime = 0")
    page.run(
        "Promise.all([...document.querySelectorAll('article audio')].slice(0, 2)"
        ".map(a => a.play().catch(() => 0)))"
    )
    page.wait("document.querySelectorAll('article audio')[0].paused")


def canvas_place(page: Page) -> tuple[float, float, float, float]:
    """Where the points are drawn, brought into view."""
    page.run("document.querySelector('canvas').scrollIntoView({block: 'center'})")
    box = "document.querySelector('canvas').getBoundingClientRect()"
    x, y, width, height = (page.run(f"{box}.{side}") for side in ("x", "y", "width", "height"))
    return x, y, width, height


PIXELS = "document.querySelector('canvas').toDataURL()"


@needs_chromium
def test_the_points_turn(page: Page) -> None:
    """With the mouse and with the arrow keys: another picture each time."""
    page.wait("document.querySelector('canvas').dataset.drawn > 0")
    x, y, width, height = canvas_place(page)
    before, yaw = page.run(PIXELS), float(page.run("document.querySelector('canvas').dataset.yaw"))
    page.mouse("mousePressed", x + width / 2, y + height / 2)
    page.mouse("mouseMoved", x + width / 2 + 90, y + height / 2 + 20)
    page.mouse("mouseReleased", x + width / 2 + 90, y + height / 2 + 20)
    page.wait(f"document.querySelector('canvas').dataset.yaw > {yaw + 0.5}")
    turned = page.run(PIXELS)
    assert turned != before
    page.run("document.querySelector('canvas').focus()")
    page.ask("Input.dispatchKeyEvent", type="keyDown", key="ArrowLeft")
    page.wait(f"{PIXELS} !== {turned!r}")
    assert page.complaints() == []


@needs_chromium
def test_points_are_named_and_heard(page: Page) -> None:
    """Under the mouse its name; a click plays it, here or on its card."""
    page.wait("document.querySelector('canvas').dataset.drawn > 0")
    canvas_place(page)
    page.run("document.querySelector('canvas').focus()")
    data = "JSON.parse(document.querySelector('.turning script').textContent)"
    names = page.run(f"{data}.names")
    assert len(names) == 28
    page.ask("Input.dispatchKeyEvent", type="keyDown", key="n", text="n")
    page.wait(f"document.querySelector('.tip').textContent.startsWith({names[0]!r})")
    page.ask("Input.dispatchKeyEvent", type="keyDown", key="Enter")
    page.wait(
        "document.querySelector('canvas').dataset.played === '0' || "
        "[...document.querySelectorAll('.clip audio')].some(a => a.played.length)"
    )


@needs_chromium
def test_another_band_is_another_plot(page: Page) -> None:
    """One of them is shown at a time."""
    shown = "[...document.querySelectorAll('#bands [data-view]')].filter(v => !v.hidden)"
    (first,) = page.run(f"{shown}.map(v => v.dataset.view)")
    other = page.run("[...document.querySelector('#bands select').options].map(o => o.value)")
    chosen = next(value for value in other if value != first)
    page.run(
        "(s => { s.value = " + repr(chosen) + "; s.dispatchEvent(new Event('change')); })"
        "(document.querySelector('#bands select'))"
    )
    assert page.run(f"{shown}.map(v => v.dataset.view)") == [chosen]


@needs_chromium
def test_one_label_and_hardly_a_sound(chromium: Browser, tmp_path: Path) -> None:
    """A page that has little to show says so, and opens without a complaint."""
    soundfile.write(tmp_path / "a.wav", np.zeros(800, np.int16), RATE_HZ)
    html = tmp_path / "one.html"
    assert run(tmp_path, "--html", html).exit_code == 0
    page = Page(chromium, html)
    assert "There is one label" in page.run("document.body.textContent")
    assert page.complaints() == []


def test_pictures_are_written(tmp_path: Path) -> None:
    """A PNG of each chart, and one of each label's typical recording."""
    pytest.importorskip("matplotlib")
    folder = recorded.commands(tmp_path / "启动", 2, 2, 1)
    assert run(folder, "--png", tmp_path / "png").exit_code == 0
    names = {path.stem for path in (tmp_path / "png").iterdir()}
    assert {"labels", "seconds", "level", "snr", "spectra", "band", "alike", "space"} <= names
    assert {f"typical-{n:02d}" for n in range(2)} <= names
    for path in (tmp_path / "png").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")


def test_a_clip_that_is_not_there_is_said(folder: Path, tmp_path: Path) -> None:
    """With the folder in which it was looked for."""
    with pytest.raises(WakefulError, match="no such recording"):
        run(folder, "--html", tmp_path / "x.html", "--clip", "gone.wav")


def test_a_page_that_cannot_be_written_is_said(folder: Path, tmp_path: Path) -> None:
    """And pictures likewise."""
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(WakefulError, match="can't be written"):
        run(folder, "--html", tmp_path / "taken.html")
    (tmp_path / "file").write_text("")
    with pytest.raises(WakefulError, match="can't be made"):
        run(folder, "--png", tmp_path / "file")


def test_a_place_that_is_not_there_is_said_before_the_work(tmp_path: Path) -> None:
    """Even of a folder that isn't there either."""
    done = run(tmp_path / "gone", "--html", tmp_path / "nowhere" / "x.html")
    assert done.exit_code == 2
    assert "there is no folder" in done.output


def test_noises_need_no_folder(tmp_path: Path) -> None:
    """They have a page of their own; nothing at all is a wrong use."""
    assert run("--noises", "--html", tmp_path / "n.html").exit_code == 0
    text = Parsed((tmp_path / "n.html").read_text(encoding="utf-8")).text
    assert all(colour in text for colour in COLOURS)
    assert run().exit_code == 2


@pytest.mark.parametrize("colour", COLOURS)
def test_each_noise_has_its_slope(colour) -> None:
    """As measured for the page, to a tenth of a decibel an octave."""
    sound = coloured(colour, 4 * RATE_HZ, np.random.default_rng(7))
    *_, slope = measured_slope(sound)
    assert slope == pytest.approx(SLOPE_DB_PER_OCTAVE[colour], abs=0.1)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-60, -3, [-60, -50, -40, -30, -20, -10]), (5, 5, [5])],
)
def test_axes_have_round_values(low: float, high: float, expected: list[float]) -> None:
    """Multiples of 1, 2 or 5 that lie between the ends."""
    assert round_values(low, high, 6) == expected
