"""The voice gate: opens for voice at any level, closes after the hang-over, costs nothing extra."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.daemon.gate import VoiceGate
from wakeful.daemon.settings import GateSettings

BLOCK = 960


def run(sound, gate=None):
    """Whether the gate was open after each block."""
    gate = gate or VoiceGate(GateSettings(), BLOCK)
    opened = []
    for at in range(0, len(sound) - BLOCK + 1, BLOCK):
        gate.feed(sound[at : at + BLOCK])
        opened.append(gate.is_open)
    return opened


def hiss(seconds, dbfs, seed=0):
    """White noise at a level."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=int(16_000 * seconds)) * 32_768 * 10 ** (dbfs / 20)
    return noise.clip(-32_768, 32_767).astype(np.int16)


@pytest.mark.parametrize("dbfs", [-200, -90, -70, -60, -50])
def test_a_quiet_room_sleeps(dbfs):
    """A room's steady hiss, whatever its level, keeps the gate shut after the first second."""
    assert not any(run(hiss(10, dbfs))[17:])


@pytest.mark.parametrize("dbfs", [-45, -35, -25, -15, -6])
def test_a_voice_opens_it(voice, dbfs):
    """The same sentence, from a whisper's level to near clipping, opens the gate within 0.3 s."""
    level = 10 ** (dbfs / 20) * 32_768 / np.sqrt(np.mean(voice.astype(float) ** 2))
    spoken = (voice * level).clip(-32_768, 32_767)
    sound = hiss(2 + len(voice) / 16_000, -75)
    sound[32_000 : 32_000 + len(voice)] += spoken.astype(np.int16)
    opened = run(sound)
    first = opened.index(True) * BLOCK / 16_000
    assert first < 2.3


def test_it_closes_after_the_hang_over(voice):
    """Silence closes it `hang_over_s` after the last voice, not before and not much later."""
    opened = run(np.r_[voice, np.zeros(3 * 16_000, np.int16)])
    last = max(n for n, is_open in enumerate(opened) if is_open)
    open_after_s = (last + 1) * BLOCK / 16_000 - len(voice) / 16_000
    assert 0.2 < open_after_s < GateSettings().hang_over_s + 0.1


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["voice", "hiss", "nothing"]), max_size=6), st.integers(0, 3))
def test_reset_equals_fresh(voice, parts, strictness):
    """After a reset a used gate decides as a new one."""
    sounds = {"voice": voice[:16_000], "hiss": hiss(0.5, -30), "nothing": np.zeros(9_600, np.int16)}
    sound = np.concatenate([sounds[p] for p in parts]) if parts else np.zeros(0, np.int16)
    options = GateSettings(strictness=strictness)
    used = VoiceGate(options, BLOCK)
    run(voice, used)
    used.reset()
    assert run(sound, used) == run(sound, VoiceGate(options, BLOCK))


@pytest.mark.parametrize("block", [160, 320, 480, 960, 1280, 1440, 1920])
def test_every_block_length(voice, block):
    """Any whole number of 10 ms frames serves as a block."""
    gate = VoiceGate(GateSettings(), block)
    assert any(gate.feed(voice[at : at + block]) for at in range(0, len(voice) - block, block))


@pytest.mark.parametrize("dbfs", [-40, -30, -20])
def test_a_loud_fan_is_the_room(voice, dbfs):
    """Steady noise at any level lets the gate close within some seconds; a voice above it opens."""
    level = 10 ** ((dbfs + 12) / 20) * 32_768 / np.sqrt(np.mean(voice.astype(float) ** 2))
    sound = hiss(12 + len(voice) / 16_000, dbfs).astype(float)
    sound[160_000 : 160_000 + len(voice)] += voice * level
    opened = run(sound.clip(-32_768, 32_767).astype(np.int16))
    second = 16_000 // BLOCK
    assert not any(opened[5 * second : 10 * second])
    assert any(opened[10 * second : 11 * second])


def test_sound_that_begins_in_a_word_is_heard(voice):
    """No quiet is needed first: sound that begins with speech opens the gate at once."""
    assert run(voice[4_000:]).index(True) < 4
