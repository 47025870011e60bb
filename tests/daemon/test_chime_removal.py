"""The chime taken out of what the microphone hears: in rooms, under speech; none on headphones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wakeful.daemon.chime_removal import remove_chime
from wakeful.daemon.chime_sounds import KINDS, load_chime

RATE_HZ = 16_000
PLAYED = 8_000


def reference(kind="wake", volume_db=-12.0):
    """What is played, as a microphone would have it without a room."""
    return load_chime(kind, "", volume_db, 48_000).reference()


def room(rng, decay_s=0.4, direct_db=6.0):
    """An impulse response: the direct sound, then noise that dies away by 60 dB in `decay_s`."""
    time_s = np.arange(int(decay_s * RATE_HZ)) / RATE_HZ
    echoes = rng.normal(size=len(time_s)) * 10 ** (-3 * time_s / decay_s)
    echoes[:16] = 0
    echoes *= 10 ** (-direct_db / 20) / np.linalg.norm(echoes)
    echoes[0] = 1
    return echoes


def shoebox():
    """A living room by the image source method: loudspeaker on a shelf, microphone on the table."""
    acoustics = pytest.importorskip("pyroomacoustics")
    absorption, order = acoustics.inverse_sabine(0.35, [5.2, 4.1, 2.6])
    box = acoustics.ShoeBox(
        [5.2, 4.1, 2.6], fs=RATE_HZ, materials=acoustics.Material(absorption), max_order=order
    )
    box.add_source([0.4, 2.2, 1.7])
    box.add_microphone([2.6, 1.9, 0.8])
    box.compute_rir()
    return np.asarray(box.rir[0][0])


class Scene:
    """A chime in a room, `late` after it was asked for, over hiss and perhaps a voice."""

    def __init__(self, rng, response, late=1_500, voice=None, voice_db=0.0, hiss=8.0, kind="wake"):
        # A voice may be louder than the chime without being too loud for 16 bits.
        self.played = reference(kind, -12 - max(0, voice_db))
        came = np.convolve(self.played, response)
        self.rest = rng.normal(size=PLAYED + 36_000) * hiss
        self.chime = np.zeros_like(self.rest)
        self.at = PLAYED + late
        end = min(len(self.chime), self.at + len(came))
        self.chime[self.at : end] = came[: end - self.at]
        if voice is not None:
            level = rms(came[: len(self.played)]) / rms(voice) * 10 ** (voice_db / 20)
            spoken = voice[: len(self.rest) - self.at] * level
            self.rest[self.at : self.at + len(spoken)] += spoken
        self.heard = np.rint(self.rest + self.chime).clip(-32_768, 32_767).astype(np.int16)

    def removal(self):
        """What we make of it."""
        return remove_chime(self.heard, self.played, PLAYED)

    def gone_db(self, cleaned):
        """The chime over all that is wrong in the cleaned sound: chime left or voice lost."""
        there = slice(self.at, self.at + len(self.played) + RATE_HZ // 5)
        return 20 * np.log10(rms(self.chime[there]) / rms((cleaned - self.rest)[there]))

    def voice_off_by_db(self, cleaned):
        """How much louder or fainter the rest is than if no chime had been played."""
        there = slice(self.at, self.at + len(self.played))
        return 20 * np.log10(rms(cleaned[there]) / rms(self.rest[there]))


def rms(sound):
    """Its level."""
    return np.sqrt(np.mean(np.square(sound, dtype=float)))


@pytest.fixture(scope="module")
def speech(voice):
    """Somebody who speaks from the first sample on."""
    loud = np.flatnonzero(np.abs(voice) > 1_000)[0]
    return voice[loud:].astype(float)


seeds = st.integers(0, 2**32 - 1)


@given(
    seed=seeds,
    late=st.integers(0, 9_000),
    decay_s=st.floats(0.1, 0.6),
    direct_db=st.floats(0, 12),
    kind=st.sampled_from(KINDS),
)
def test_in_a_quiet_room_it_is_gone(seed, late, decay_s, direct_db, kind):
    """Wherever it arrives within 0.56 s, from whatever room: 20 dB of it are gone."""
    rng = np.random.default_rng(seed)
    scene = Scene(rng, room(rng, decay_s, direct_db), late, kind=kind)
    removal = scene.removal()
    assert removal.found_at is not None
    assert abs(removal.found_at - scene.at) < 0.01 * RATE_HZ
    assert scene.gone_db(removal.samples) > 20


@given(
    seed=seeds,
    late=st.integers(0, 9_000),
    decay_s=st.floats(0.1, 0.5),
    direct_db=st.floats(3, 12),
    voice_db=st.floats(-25, -3),
    begins=st.integers(0, 8_000),
)
def test_under_speech_it_is_gone_and_the_speech_is_whole(
    speech, seed, late, decay_s, direct_db, voice_db, begins
):
    """Spoken into from the first moment: it is gone, and the voice is as loud as before."""
    rng = np.random.default_rng(seed)
    scene = Scene(rng, room(rng, decay_s, direct_db), late, speech[begins:], voice_db)
    removal = scene.removal()
    assert removal.found_at is not None
    assert scene.gone_db(removal.samples) > 20
    if voice_db > -15:
        assert abs(scene.voice_off_by_db(removal.samples)) < 0.5


@pytest.mark.parametrize("voice_db", [-15, -10, -5, 0])
def test_in_a_simulated_living_room(speech, voice_db):
    """The same through the reflections of a room with walls."""
    scene = Scene(np.random.default_rng(5), shoebox(), voice=speech, voice_db=voice_db)
    removal = scene.removal()
    assert scene.gone_db(removal.samples) > 20
    assert abs(scene.voice_off_by_db(removal.samples)) < 0.5


@given(seed=seeds, voice_db=st.floats(0, 30), begins=st.integers(0, 8_000))
def test_a_louder_voice_is_kept_whole(speech, seed, voice_db, begins):
    """However far it buries the chime, what is done about that costs the voice next to nothing."""
    rng = np.random.default_rng(seed)
    scene = Scene(rng, room(rng), 3_000, speech[begins:], voice_db)
    cleaned = scene.removal().samples
    assert abs(scene.voice_off_by_db(cleaned)) < 0.5
    assert scene.gone_db(cleaned) > -1


@pytest.mark.parametrize("hiss", [0, 1, 8, 100, 1_000])
@pytest.mark.parametrize("kind", KINDS)
def test_headphones_silence_stays_as_it_is(kind, hiss):
    """Nothing of the chime in the microphone: not one bit of the room's hiss is changed."""
    for seed in range(5):
        scene = Scene(np.random.default_rng(seed), np.zeros(10), hiss=hiss, kind=kind)
        removal = scene.removal()
        assert removal.found_at is None
        assert removal.samples is scene.heard


@pytest.mark.parametrize("kind", KINDS)
def test_headphones_speech_stays_as_it_is(voice, kind):
    """The same while somebody speaks: a voice is not taken for a chime anywhere in a sentence."""
    played = reference(kind)
    heard = np.tile(voice, 2)
    changed = [
        start
        for start in range(0, len(heard) - 24_000, 1_600)
        if remove_chime(heard, played, start).found_at is not None
    ]
    assert changed == []


@pytest.mark.parametrize("hz", [440, 880, 1_000, 1_320, 2_000])
def test_what_is_not_the_chime_is_left_alone(hz):
    """A steady tone at the chime's own pitch, and other devices' beeps."""
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    hiss = np.random.default_rng(0).normal(size=len(time_s)) * 8
    tone = 3_000 * np.sin(2 * np.pi * 1_174.66 * time_s)
    beep = 3_000 * np.sin(2 * np.pi * hz * time_s) * np.clip(5 - 50 * np.abs(time_s - 0.8), 0, 1)
    for other in (tone, beep):
        heard = np.rint(other + hiss).astype(np.int16)
        assert remove_chime(heard, reference(), PLAYED).found_at is None


def test_it_says_how_loud_the_chime_was():
    """`gain_db` is the way from loudspeaker to microphone, here 12 dB down."""
    scene = Scene(np.random.default_rng(1), np.array([0.25]))
    removal = scene.removal()
    assert removal.gain_db == pytest.approx(-12, abs=0.2)
    assert removal.suppressed_db > 20
    assert abs(removal.found_at - scene.at) < 0.005 * RATE_HZ


def test_clocks_that_differ():
    """A loudspeaker whose clock is 100 ppm faster than the microphone's: 20 dB all the same."""
    scene = Scene(np.random.default_rng(2), np.ones(1))
    played = scene.chime[scene.at : scene.at + len(scene.played)]
    there = np.arange(len(played)) * (1 + 100e-6)
    drifted = np.interp(there, np.arange(len(played)), played)
    scene.chime[scene.at : scene.at + len(played)] = drifted
    scene.heard = np.rint(scene.rest + scene.chime).astype(np.int16)
    assert scene.gone_db(scene.removal().samples) > 20


def test_only_its_own_stretch_is_changed():
    """Before the chime arrives and after its echoes not one bit differs."""
    scene = Scene(np.random.default_rng(3), np.ones(1))
    changed = np.flatnonzero(scene.removal().samples != scene.heard)
    assert changed[0] >= scene.at - 0.06 * RATE_HZ
    assert changed[-1] < scene.at + len(scene.played) + 0.3 * RATE_HZ


@given(seed=seeds, left=st.integers(0, 9_000))
def test_sound_that_ends_too_soon(seed, left):
    """Cut off anywhere, it is as long as it was, and no worse."""
    rng = np.random.default_rng(seed)
    scene = Scene(rng, room(rng), 500)
    end = scene.at + left
    removal = remove_chime(scene.heard[:end], scene.played, PLAYED)
    assert len(removal.samples) == end
    before = rms(scene.heard[:end] - scene.rest[:end])
    assert rms(removal.samples - scene.rest[:end]) <= 1.05 * before + 1


def test_a_saturated_chime_does_not_wrap():
    """Where what is left would not fit, it is cut off rather than turned over."""
    scene = Scene(np.random.default_rng(4), np.array([3.9]), voice=np.full(9_000, 30_000.0))
    scene.heard = np.clip(scene.rest + 4 * scene.chime, -32_768, 32_767).astype(np.int16)
    cleaned = scene.removal().samples.astype(int)
    assert np.abs(np.diff(cleaned)).max() < 60_000
