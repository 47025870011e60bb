"""The live line: on a terminal and only there, never wider than it, gone before anything else."""

import fcntl
import io
import os
import re
import struct
import termios
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.meter import ASCII, BLOCKS, Held, Meter, bar

COLOUR = re.compile(r"\033\[\d*m")


class Screen(io.StringIO):
    """A terminal's last line: understands what the meter uses of a terminal's commands."""

    encoding = "utf-8"

    def isatty(self):
        """So it says."""
        return True

    @property
    def raw(self):
        """All that was ever written."""
        return self.getvalue()

    @property
    def line(self):
        """What stands on the last line now."""
        shown = self.raw.rpartition("\n")[2].rpartition("\r\033[K")[2]
        return COLOUR.sub("", shown)


class Clock:
    """A clock that one sets."""

    now_s = 100.0

    def __call__(self):
        """Seconds."""
        return self.now_s


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """What the environment says of an ordinary terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def clock():
    """Set by the test."""
    return Clock()


@pytest.fixture
def screen():
    """A terminal of 80 columns."""
    return Screen()


@pytest.fixture
def meter(screen, clock):
    """One model on that terminal."""
    return Meter(screen, ["activate"], clock)


def show(meter, dbfs=-30.0, gate_open=True, probability=0.25, elapsed_s=72.0):
    """One update with something everywhere."""
    meter.show(dbfs, gate_open, [("activate", probability)], elapsed_s)


def test_the_line_says_time_gate_level_and_probability(meter, screen):
    """Everything that one looks for, in one line."""
    show(meter)
    assert screen.line.startswith("   1:12 ● █")
    assert "-30 dBFS" in screen.line
    assert screen.line.endswith(" 0.25")
    assert "activate ██▌" in screen.line
    assert "\n" not in screen.raw


def test_a_closed_gate_is_marked_otherwise(meter, screen):
    """Asleep is seen at once."""
    show(meter, gate_open=False)
    assert screen.line.startswith("   1:12 · ")


@pytest.mark.parametrize(
    ("elapsed_s", "told"), [(0, "   0:00 "), (59.9, "   0:59 "), (3_600, "1:00:00 ")]
)
def test_time_is_told_as_one_reads_it(meter, screen, elapsed_s, told):
    """Minutes and seconds, hours where there are some."""
    show(meter, elapsed_s=elapsed_s)
    assert screen.line.startswith(told)


def test_it_is_drawn_at_most_twelve_times_a_second(meter, screen, clock):
    """However often it is asked; and it is drawn when it is due."""
    for step in range(1_000):
        clock.now_s = 100 + step / 500
        due, before = meter.is_due(), len(screen.raw)
        show(meter)
        assert (len(screen.raw) > before) == due
    assert 20 <= screen.raw.count("\r\033[K") <= 24


def test_a_pipe_gets_nothing(clock):
    """Neither line nor escape, however long one waits, and no update is ever due."""
    pipe = io.StringIO()
    with Meter(pipe, ["activate"], clock) as meter:
        for _ in range(3):
            clock.now_s += 10
            assert not meter.is_due()
            show(meter)
            meter.clear()
    assert pipe.getvalue() == ""


def test_a_dumb_terminal_gets_nothing(screen, clock, monkeypatch):
    """It can't take a line back."""
    monkeypatch.setenv("TERM", "dumb")
    show(Meter(screen, ["activate"], clock))
    assert screen.raw == ""


def test_colours_come_and_go_with_no_color(screen, clock, monkeypatch):
    """Set to anything, it takes them; set to nothing, it counts as unset."""
    for value, coloured in [("", True), ("1", False), ("0", False)]:
        monkeypatch.setenv("NO_COLOR", value)
        screen.truncate(screen.seek(0))
        show(Meter(screen, ["activate"], clock))
        assert bool(COLOUR.search(screen.raw)) == coloured
        assert "activate" in screen.line


@pytest.mark.parametrize(("dbfs", "colour"), [(-30, 32), (-6, 33), (-0.2, 31)])
def test_loud_is_yellow_and_clipping_is_red(meter, screen, dbfs, colour):
    """The bar's colour, before one reads a number."""
    show(meter, dbfs=dbfs, gate_open=False)
    assert f"\033[{colour}m█" in screen.raw


def test_clear_makes_room_and_the_next_due_show_brings_it_back(meter, screen, clock):
    """An event's line stands alone, above the meter."""
    show(meter)
    meter.clear()
    assert screen.line == ""
    screen.write("1.00 s  wake\n")
    show(meter)
    assert screen.raw.endswith("wake\n")
    clock.now_s += 0.1
    show(meter)
    assert "activate" in screen.line


def test_clear_writes_only_over_its_own_line(meter, screen):
    """Before anything was drawn, and a second time, there is nothing to take away."""
    meter.clear()
    assert screen.raw == ""
    show(meter)
    meter.clear()
    before = screen.raw
    meter.clear()
    assert screen.raw == before


def test_leaving_takes_the_line_away(screen, clock):
    """Also when an error passes through."""

    def interrupted():
        with Meter(screen, ["activate"], clock) as meter:
            show(meter)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert screen.raw.endswith("\r\033[K")


def test_a_peak_is_held_and_then_let_go(meter, screen, clock):
    """A shout leaves a tick for a second and a half; a high probability its number."""
    show(meter, dbfs=-3, probability=0.97)
    clock.now_s += 1.4
    show(meter, dbfs=-60, probability=0.0)
    assert screen.line.endswith(" 0.97")
    assert re.search(r"● █+.? +▏ *-60 dBFS", screen.line.replace("  ", " "))
    clock.now_s += 0.2
    show(meter, dbfs=-60, probability=0.0)
    assert screen.line.endswith(" 0.00")
    assert not re.search(r" ▏ *-60 dBFS", screen.line)


def test_a_console_without_blocks_gets_plain_characters(clock):
    """In an ASCII locale blocks would come out as escapes."""
    console = Screen()
    console.encoding = "ascii"
    show(Meter(console, ["activate"], clock))
    assert COLOUR.sub("", console.raw[4:]).isascii()
    assert "* ###" in console.line


def test_a_name_carries_no_commands_to_the_terminal(screen, clock):
    """A model's file may be called anything."""
    Meter(screen, [], clock).show(-30, True, [("a\033[2J\rb\n", 0.5)], 1.0)
    assert "a[2Jb" in screen.line
    assert "\033[2J" not in screen.raw
    assert "\n" not in screen.raw


@pytest.fixture(scope="module")
def pty():
    """A real terminal: (the end that sees what is shown, the end that one writes to)."""
    seen, written = os.openpty()
    with os.fdopen(written, "w", encoding="utf-8") as stream:
        yield seen, stream
    os.close(seen)


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30) | st.just("録音" * 9)


@settings(deadline=None, max_examples=200)
@given(
    columns=st.integers(1, 250),
    models=st.lists(st.tuples(names, st.floats(0, 1)), max_size=6),
    dbfs=st.floats(-200, 10),
    elapsed_s=st.floats(0, 1e6),
)
def test_the_line_always_fits(pty, columns, models, dbfs, elapsed_s):
    """Whatever the terminal's width, the models' names and the values: one row, a cell free."""
    seen, stream = pty
    fcntl.ioctl(stream, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    meter = Meter(stream, [name for name, _ in models])
    meter.show(dbfs, True, models, elapsed_s)
    shown = os.read(seen, 65_536).decode()
    line = COLOUR.sub("", shown.removeprefix("\r\033[K"))
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    narrow = sum(1 for c in line if unicodedata.combining(c))
    assert wide - narrow < columns
    assert line.isprintable()
    if columns >= 120 and len(models) == 1:
        assert line.endswith(f"{models[0][1]:.2f}")


def test_a_narrow_terminal_shows_the_first_models_and_the_level_last_of_all(pty):
    """Of three models in 60 columns two are shown; in 20 the clock alone."""
    seen, stream = pty
    models = [("alpha", 0.1), ("beta", 0.2), ("gamma", 0.3)]
    lines = []
    for columns in (200, 60, 30, 20):
        fcntl.ioctl(stream, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        Meter(stream, []).show(-20, True, models, 5.0)
        lines.append(COLOUR.sub("", os.read(seen, 65_536).decode()))
    assert [[n in line for n in ("alpha", "beta", "gamma", "dBFS")] for line in lines] == [
        [True, True, True, True],
        [True, True, False, True],
        [False, False, False, True],
        [False, False, False, False],
    ]
    assert lines[-1].endswith("0:05 ●")


@given(
    st.floats(-1, 2),
    st.floats(-1, 2),
    st.integers(1, 40),
    st.sampled_from([BLOCKS, ASCII]),
)
def test_a_bar_is_as_wide_as_asked_and_as_full_as_its_share(share, peak, cells, glyphs):
    """Within half of a cell's fraction, whatever comes in."""
    drawn = bar(share, peak, cells, glyphs)
    fractions = len(glyphs.cells) - 1
    assert len(drawn) == cells
    without = bar(share, 0, cells, glyphs)
    filled = sum(glyphs.cells.index(c) for c in without) / fractions / cells
    assert abs(filled - min(1, max(0, share))) <= 0.5 / fractions / cells + 1e-9
    assert sum(a != b for a, b in zip(drawn, without, strict=True)) <= 1


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_what_is_held_is_never_below_what_comes(steps):
    """And it is always one of the values that came."""
    held, now_s, came = Held(0.0), 0.0, []
    for value, pause_s in steps:
        now_s += pause_s
        came.append(value)
        assert held.take(value, now_s) >= value
        assert held.value in came


class Untouchable:
    """Fails whoever looks at it."""

    def __iter__(self):
        raise AssertionError("looked at")


def test_what_is_not_due_is_not_looked_at(screen):
    """Asking reads the clock once and nothing else, and so does showing too early."""
    readings = iter([100.0, 100.0, 100.01, 100.02])
    meter = Meter(screen, ["activate"], lambda: next(readings))
    show(meter)
    drawn = screen.raw
    assert not meter.is_due()
    meter.show(-30.0, True, Untouchable(), 1.0)  # type: ignore[arg-type]
    assert screen.raw == drawn
    assert next(readings, None) is None
