"""The pauses before a lost microphone is tried again."""

from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.pauses import Pauses


def test_they_double_up_to_eight_seconds():
    """However long it is gone: never more than eight seconds until it is looked for again."""
    pauses = Pauses()
    assert [pauses.next_s() for _ in range(7)] == [0.5, 1, 2, 4, 8, 8, 8]


def test_they_go_on_growing_for_one_that_does_not_last():
    """Lost again at once: longer; lost after it had worked well: from the beginning."""
    pauses = Pauses()
    found = [pauses.next_s()]
    for heard_s in [1.0, 2.0, 9.9, 10.0, 3.0, 500.0]:
        pauses.lost_after(heard_s)
        found.append(pauses.next_s())
    assert found == [0.5, 1, 2, 4, 0.5, 1, 0.5]


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=50))
def test_they_are_never_too_short_or_too_long(fate):
    """Whatever a microphone does, it is tried neither in a rush nor after more than 8 s."""
    pauses = Pauses()
    for heard_s in fate:
        if heard_s is None:
            assert 0.5 <= pauses.next_s() <= 8
        else:
            pauses.lost_after(heard_s)
