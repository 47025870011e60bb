"""Reading configuration and models again while it listens: what takes over, what is refused."""

import os
import shutil
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import Kept, beep, silence
from wakeful.daemon.companion import Silent
from wakeful.daemon.loop import Loop
from wakeful.daemon.reload import Reloader, changed
from wakeful.daemon.service import Wanted
from wakeful.daemon.settings import AudioSettings, BusSettings, SegmentSettings, Settings


class Endless:
    """A source that goes on until something has happened; sound on request, silence else."""

    name, opened_at, lost_samples = "endless", 1_000.0, 0

    def __init__(self):
        self.next, self.patience = [], 6_000

    def read(self, max_samples):
        """100 ms, at no more than a hundred times their speed."""
        time.sleep(0.001)
        self.patience -= 1
        assert self.patience, "nothing came of it"
        return self.next.pop(0) if self.next else silence(0.1)

    def close(self):
        """Nothing to close."""


class Play(Silent):
    """Lets each act happen once the loop has told as many reloads as stand before it."""

    def __init__(self, loop, kept, acts):
        self.loop, self.kept, self.acts, self.done = loop, kept, list(acts), 0

    def heard(self, pipeline):
        """The next act, or the end."""
        if self.kept.kinds.count("config.reloaded") < self.done:
            return
        if self.done == len(self.acts):
            self.loop.stop("done")
            return
        self.acts[self.done]()
        self.done += 1


@pytest.fixture
def place(tmp_path, beep_bundle):
    """A folder with a model and a configuration that names it."""
    for file in (beep_bundle, beep_bundle.with_suffix(".tflite")):
        shutil.copy(file, tmp_path / file.name)
    config(tmp_path)
    return tmp_path


def config(place, more="", model="beep"):
    """Write the configuration anew."""
    (place / "wakeful.toml").write_text(f'models = ["{place}/{model}.json"]\n{more}')


def reloads(place, *acts, ask=True, source=None):
    """What is told of reloads, one after each act; `begun` counts the beginnings."""
    wanted = Wanted(str(place / "wakeful.toml"))
    kept, source, begun = Kept(), source or Endless(), []
    loop = Loop(wanted.hearing(), source, [kept], Endless, piece_samples=1_600)
    reloader = Reloader(loop, wanted.hearing, wanted.files, lambda: begun.append(1))

    def asking(act):
        def done():
            act()
            if ask:
                reloader.ask()

        return done

    loop.companions += [reloader, Play(loop, kept, map(asking, acts))]
    loop.run()
    assert kept.events[-1].reason == "done"
    told = [e for e in kept.events if e.__struct_config__.tag == "config.reloaded"]
    assert len(begun) == len(told)
    return loop, told


def test_another_threshold_is_in_force(place):
    """What the file says now counts from now on, on the same clock."""
    loop, (told,) = reloads(place, lambda: config(place, "[detector]\nthreshold = 0.77\n"))
    assert (told.models, told.error, told.restart_needed_for) == (["beep"], "", [])
    assert loop.pipeline.thresholds == {"beep": 0.77}
    assert loop.pipeline.samples > told.sample > 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda place: config(place, "[gate]\nsleeep = 1\n"), "gate.sleeep: unknown key"),
        (lambda place: config(place, "x = ["), "wakeful.toml"),
        (lambda place: (place / "wakeful.toml").unlink(), "No such file"),
        (lambda place: (place / "beep.tflite").write_bytes(b"garbage" * 999), "beep"),
        (lambda place: (place / "beep.json").write_text("{}"), "beep"),
        (lambda place: (place / "beep.json").unlink(), "beep.json"),
        (lambda place: config(place, model="other"), "other.json"),
    ],
    ids=["key", "syntax", "no file", "network", "manifest", "no manifest", "no model"],
)
def test_what_is_wrong_changes_nothing(place, spoil, said):
    """It goes on with what it had and says in one line what is wrong; mended, it counts."""
    network = (place / "beep.tflite").read_bytes()
    manifest = (place / "beep.json").read_text()

    def mend():
        (place / "beep.tflite").write_bytes(network)
        (place / "beep.json").write_text(manifest)
        config(place, "[detector]\nthreshold = 0.6\n")

    loop, (failed, mended) = reloads(place, lambda: spoil(place), mend)
    assert said in failed.error
    assert "\n" not in failed.error
    assert failed.models == ["beep"]
    assert mended.error == ""
    assert loop.pipeline.thresholds == {"beep": 0.6}


def test_a_changed_file_is_noticed(place):
    """Nobody need ask: the configuration alone, then the model alone."""

    def touch():
        os.utime(place / "beep.tflite", ns=(1, 1))

    _, told = reloads(place, lambda: config(place, "[gate]\nstrictness = 2\n"), touch, ask=False)
    assert [event.error for event in told] == ["", ""]


def test_what_only_a_restart_changes_is_told(place):
    """Sockets and microphones stay; the rest of the same file counts."""
    more = '[audio]\ndevice = "USB"\n[bus]\nkeep_events = 5\n[segment]\nlongest_s = 3.0\n'
    loop, (told,) = reloads(place, lambda: config(place, more))
    assert told.restart_needed_for == ["audio.device", "bus"]
    assert loop.hearing.settings.segment.longest_s == 3


def test_it_waits_for_what_is_being_said(place):
    """A wake's speech is taken down to its end by the one that began it."""
    source = Endless()
    word = [beep()[at : at + 1_600] for at in range(0, len(beep()), 1_600)]
    source.next = [silence(0.1)] * 10 + word

    class Late(Silent):
        def __init__(self, loop, reloader):
            self.loop, self.reloader = loop, reloader

        def event(self, event):
            kind = event.__struct_config__.tag
            if kind == "wake":
                self.reloader.ask()
            if kind == "config.reloaded":
                self.loop.stop("done")

    wanted = Wanted(str(place / "wakeful.toml"))
    kept = Kept()
    loop = Loop(wanted.hearing(), source, [kept], Endless, piece_samples=1_600)
    reloader = Reloader(loop, wanted.hearing, wanted.files)
    loop.companions += [reloader, Late(loop, reloader)]
    loop.run()
    assert kept.kinds == ["ready", "wake", "speech.end", "config.reloaded", "bye"]


@given(
    device=st.sampled_from(["", "USB"]),
    keep_events=st.sampled_from([5, 1_000]),
    longest_s=st.sampled_from([3.0, 12.0]),
)
def test_only_what_differs_needs_a_restart(device, keep_events, longest_s):
    """The same settings need none, whatever they are; each that can't be changed is named."""
    now = Settings(
        audio=AudioSettings(device=device),
        bus=BusSettings(keep_events=keep_events),
        segment=SegmentSettings(longest_s=longest_s),
    )
    assert changed(now, now) == []
    expected = ["audio.device"] * bool(device) + ["bus"] * (keep_events == 5)
    assert changed(Settings(), now) == expected
