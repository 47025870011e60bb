"""The listening loop with a source of our own: what is lost, what comes back, how it ends."""

import os
import signal

import numpy as np
import pytest
from scripted import GONE, Kept, Script, beep, silence
from wakeful.daemon import events
from wakeful.daemon.listen import Listener
from wakeful.daemon.opening import open_models
from wakeful.daemon.settings import Settings
from wakeful.daemon.source import SourceError
from wakeful.models.errors import UsageError


@pytest.fixture
def settings(beep_bundle):
    """The test model and nothing else out of the ordinary."""
    return Settings(models=[str(beep_bundle)])


def run(settings, source, **parts):
    """What a listener says of a source."""
    kept = Kept()
    Listener(settings, **parts).run(source, kept)
    assert [e.seq for e in kept.events] == list(range(len(kept.events)))
    return kept


class Comebacks:
    """A microphone that comes back after some tries, and what was waited for each of them."""

    def __init__(self, tries, back):
        self.left, self.back, self.pauses, self.asked = tries, back, [], []

    def reopen(self, device):
        """There, once it has been asked for often enough."""
        self.asked.append(device)
        self.left -= 1
        if self.left > 0:
            raise GONE
        return self.back

    def wait(self, stop, seconds):
        """No patience needed."""
        self.pauses.append(seconds)
        return stop.is_set()


def test_lost_sound_is_told_once(settings):
    """Each growth of what a source lost is one event with the difference."""
    source = Script(silence(1), 160, 40, silence(1), silence(1), 7, silence(1))
    kept = run(settings, source)
    found = [(e.lost_samples, e.sample) for e in kept.events if isinstance(e, events.Overflow)]
    assert found == [(200, 16_000), (7, 48_000)]


def test_what_was_lost_last_is_told_too(settings):
    """A loss just before the end is not forgotten."""
    kept = run(settings, Script(silence(1), 160))
    assert kept.kinds == ["ready", "overflow", "bye"]


def test_a_lost_microphone_is_tried_for_in_growing_pauses(settings):
    """Half a second, doubled up to eight; then it goes on, and fires as before."""
    back = Script(silence(1), beep(), opened_at=2_000.0)
    comebacks = Comebacks(7, back)
    first = Script(silence(1), GONE)
    kept = run(settings, first, reopen=comebacks.reopen, wait=comebacks.wait)
    assert comebacks.pauses == [0.5, 1, 2, 4, 8, 8, 8]
    assert set(comebacks.asked) == {settings.audio.device}
    assert kept.kinds[:4] == ["ready", "audio.lost", "audio.restored", "wake"]
    assert kept.events[1].reason == str(GONE)
    assert (first.closed, back.closed) == (1, 1)


def test_the_clock_goes_on_and_the_wall_time_moves(settings):
    """Samples count on from where the first microphone stopped; their time is the second's."""
    comebacks = Comebacks(1, Script(silence(1), beep(), opened_at=2_000.0))
    source = Script(silence(1), GONE)
    kept = run(settings, source, reopen=comebacks.reopen, wait=comebacks.wait)
    lost, restored, wake = kept.events[1:4]
    assert 16_000 <= lost.sample == restored.sample < 16_000 + 1_600
    assert lost.time == pytest.approx(1_000 + lost.sample / 16_000, abs=1e-3)
    assert restored.time == pytest.approx(2_000, abs=1e-3)
    assert wake.sample > restored.sample + 16_000
    assert wake.time == pytest.approx(2_000 + (wake.sample - restored.sample) / 16_000, abs=2e-3)


def wakes(kept):
    """Where it woke and how sure it was, counted from where the sound of its source began."""
    begun = [e.sample for e in kept.events if isinstance(e, events.AudioRestored)] or [0]
    found = [e for e in kept.events if isinstance(e, events.Wake)]
    return [(e.sample - begun[0], e.score) for e in found]


def test_after_a_break_it_hears_as_if_it_had_just_begun(settings):
    """Half a word before a break counts for nothing after it: the scores are those of a start."""
    word = beep()
    half = int(0.18 * 16_000)
    rest = (word[half:], silence(0.5), word, silence(1))
    comebacks = Comebacks(1, Script(*rest))
    source = Script(silence(1), word[:half], GONE)
    kept = run(settings, source, reopen=comebacks.reopen, wait=comebacks.wait)
    assert wakes(kept) == wakes(run(settings, Script(*rest)))
    unbroken = run(settings, Script(silence(1), word[:half], *rest))
    assert wakes(unbroken)[0][1] != wakes(kept)[0][1]


def test_losses_of_the_second_microphone_count_from_zero(settings):
    """What the first one lost is not taken off what the second one loses."""
    comebacks = Comebacks(1, Script(30, silence(1)))
    source = Script(50, silence(1), GONE)
    kept = run(settings, source, reopen=comebacks.reopen, wait=comebacks.wait)
    assert [e.lost_samples for e in kept.events if isinstance(e, events.Overflow)] == [50, 30]


def test_it_can_be_lost_twice(settings):
    """A plug that is loose is tried in pauses that go on growing."""
    third = Script(silence(1))
    comebacks = Comebacks(1, Script(silence(1), GONE))
    source = Script(silence(1), GONE)

    def reopen(device):
        found = comebacks.reopen(device)
        comebacks.back = third
        return found

    kept = run(settings, source, reopen=reopen, wait=comebacks.wait)
    assert kept.kinds == ["ready", *["audio.lost", "audio.restored"] * 2, "bye"]
    assert comebacks.pauses == [0.5, 1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_for_a_lost_microphone(settings, number):
    """Between two tries a signal is heeded at once, with `bye`; handlers are put back."""
    before = signal.getsignal(number)
    comebacks = Comebacks(99, None)

    def wait(stop, seconds):
        comebacks.pauses.append(seconds)
        if len(comebacks.pauses) == 3:
            os.kill(os.getpid(), number)
            return stop.wait(60)
        return False

    source = Script(silence(1), GONE)
    kept = run(settings, source, reopen=comebacks.reopen, wait=wait)
    assert len(comebacks.pauses) == 3
    assert kept.kinds == ["ready", "audio.lost", "bye"]
    assert kept.events[-1].reason == number.name
    assert signal.getsignal(number) is before


def test_a_signal_while_working_lets_the_block_be_finished(settings):
    """A signal that comes between two reads loses nothing of what was read."""

    kept = Kept()
    kept.heard = lambda pipeline: os.kill(os.getpid(), signal.SIGTERM)
    source = Script(np.r_[silence(0.25), beep()], silence(1))
    Listener(settings).run(source, kept)
    assert kept.kinds[:2] == ["ready", "wake"]
    assert kept.kinds[-1] == "bye"
    assert kept.events[-1].sample == 4_000 + len(beep())
    assert source.closed == 1


def test_sound_that_breaks_off_is_ended_in_order(settings):
    """What was being said is ended, `bye` says why, the error comes after it."""
    source = Script(silence(1), beep(), SourceError("file x: breaks off"))
    kept = Kept()
    with pytest.raises(SourceError, match="breaks off"):
        Listener(settings).run(source, kept)
    assert kept.kinds == ["ready", "wake", "speech.end", "bye"]
    assert kept.events[-1].reason == "file x: breaks off"
    assert source.closed == 1


def test_two_models_of_one_name_are_refused(beep_bundle):
    """The same model twice would fire every word twice."""
    with pytest.raises(UsageError, match="beep"):
        open_models([str(beep_bundle), str(beep_bundle.with_suffix(""))])
