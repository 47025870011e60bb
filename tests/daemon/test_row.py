"""Gaps are seen and mended: whatever is lost on the way, the row is whole or says what it lacks."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.kept import KeptEvents
from wakeful.daemon.requests import Events
from wakeful.daemon.row import Began, Missed, Row, Seen, seen


def body(run, seq):
    """An event as JSON; `run` is there to tell what the row made of it."""
    return msgspec.json.encode({"event": "wake", "seq": seq, "run": run})


class Daemon:
    """Runs of a daemon: what it keeps, and what it answers."""

    def __init__(self, capacity):
        self.capacity, self.run, self.is_up = capacity, 0, True
        self.kept = KeptEvents(capacity)

    def restart(self):
        """Another run, which knows nothing of the former."""
        self.run += 1
        self.kept = KeptEvents(self.capacity)

    def tell(self):
        """The next event."""
        told = body(self.run, self.kept.last + 1)
        self.kept.add(self.kept.last + 1, told)
        return seen(told)

    def answer(self, since, most=3):
        """As the control socket answers, a few at a time."""
        if not self.is_up:
            return None
        kept = self.kept
        since = kept.last + 1 if since is None else since
        page = kept.since(since, most)
        return Events(
            id="",
            run=str(self.run),
            last=kept.last,
            events=[msgspec.Raw(each) for each in page.bodies],
            kept_from=kept.first,
            next=page.next,
        )


steps = st.lists(
    st.one_of(
        st.just("heard"), st.just("lost"), st.just("late"), st.just("restart"), st.just("reconnect")
    ),
    max_size=60,
)


@given(steps, st.integers(1, 8))
def test_the_row_is_whole_or_says_what_it_lacks(steps, capacity):
    """Events lost, late, and runs ended at any time: each comes once, in order, or is named."""
    daemon = Daemon(capacity)
    row = Row(daemon.answer, 0)
    out = list(row.connected())
    late: list[Seen] = []
    for step in steps:
        match step:
            case "heard":
                # In one connection what was sent earlier comes earlier.
                for event in [*late, daemon.tell()]:
                    out += row.live(event)
                late = []
            case "lost":
                daemon.tell()
            case "late":
                late.append(daemon.tell())
            case "reconnect":
                late = []
                out += row.connected()
            case "restart":
                # The former run's last words may be lost, and with it the connection.
                late = []
                daemon.restart()
                out += row.connected()
    out += row.connected()
    check(out, daemon)


def check(out, daemon):
    """Within each run the numbers are 0, 1, 2, ..., seen or missed; the last run is complete."""
    run, expected = 0, 0
    for item in out:
        match item:
            case Began(name):
                run, expected = int(name), 0
            case Missed(first, last):
                assert first == expected <= last
                expected = last + 1
            case Seen():
                assert item.seq == expected
                assert item.body == body(run, expected)
                expected += 1
    assert (run, expected) == (daemon.run, daemon.kept.last + 1)


@given(st.lists(st.booleans(), max_size=40))
def test_where_nobody_can_be_asked_gaps_are_told(heard):
    """Without a control socket everything that came is passed on, and the rest is named."""
    daemon = Daemon(100)
    daemon.is_up = False
    row = Row(daemon.answer, 0)
    told = [(daemon.tell(), is_heard) for is_heard in heard]
    out = [item for event, is_heard in told if is_heard for item in row.live(event)]
    numbers = [event.seq for event, is_heard in told if is_heard]
    assert [item.seq for item in out if isinstance(item, Seen)] == numbers
    missed = [n for m in out if isinstance(m, Missed) for n in range(m.first, m.last + 1)]
    assert sorted(numbers + missed) == list(range(max(numbers, default=-1) + 1))


def test_a_row_may_begin_now():
    """Without a number, nothing of the past is shown."""
    daemon = Daemon(10)
    for _ in range(5):
        daemon.tell()
    row = Row(daemon.answer, None)
    assert list(row.connected()) == []
    assert [item.seq for item in row.live(daemon.tell())] == [5]


def test_a_number_of_an_ended_run_begins_the_new_one():
    """Who counted up to 40 before a restart gets the new run from its start, and is told."""
    daemon = Daemon(10)
    daemon.tell()
    out = list(Row(daemon.answer, 40).connected())
    assert out == [Began("0"), Seen("wake", 0, body(0, 0))]


def test_a_new_run_is_seen_without_being_asked():
    """Numbers that fall back are another run's, even where no control socket answers."""
    daemon = Daemon(10)
    row = Row(lambda _since: None, None)
    before = [item for _ in range(4) for item in row.live(daemon.tell())]
    daemon.restart()
    after = [item for _ in range(2) for item in row.live(daemon.tell())]
    assert [item.seq for item in before] == [0, 1, 2, 3]
    assert after[0] == Began("")
    assert [item.seq for item in after[1:]] == [0, 1]


@given(st.integers(1, 20), st.lists(st.integers(0, 3), max_size=50), st.integers(0, 60))
def test_kept_events_are_the_last_ones(capacity, jumps, since):
    """A number left out makes what came before it uncountable; the rest is found by number."""
    kept, told, seq = KeptEvents(capacity), [], -1
    for jump in jumps:
        if jump == 3:
            seq, told = seq + 1, []
        seq += 1
        kept.add(seq, str(seq).encode())
        told = [*told, seq][-capacity:]
    assert kept.first == (told[0] if told else 0)
    page = kept.since(since, 5)
    wanted = [n for n in told if n >= since][:5]
    assert page.bodies == [str(n).encode() for n in wanted]
    assert page.next == (wanted[-1] if wanted else seq) + 1
