"""Many streams at once: each gets what it would have got alone, to the bit."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wakeful.models.bundle import load_bundle
from wakeful.models.frontend import NORMALISATIONS, FrontEnd, FrontEndConfig
from wakeful.models.many import WIDTHS, ManyFrontEnd, ManyTriggers, rows_of
from wakeful.models.many_network import WideningError, widened
from wakeful.models.runtime import TriggerModel, interpreter_of

STREAMS = 45  # more than the widest call, and no multiple of any


@pytest.fixture(scope="module", params=["activate", "beep"])
def model(request, beep_bundle):
    """A shipped network, which can be widened, and an older export, which can't."""
    return TriggerModel(load_bundle("activate" if request.param == "activate" else beep_bundle))


def turns(data, most=STREAMS):
    """Which streams are worked on, turn by turn: each time others, in any order."""
    sets = st.lists(st.integers(0, most - 1), min_size=1, max_size=most, unique=True)
    return data.draw(st.lists(sets, min_size=1, max_size=6))


@settings(max_examples=25)
@given(data=st.data(), kind=st.sampled_from(NORMALISATIONS), seed=st.integers(0, 99))
def test_features_are_each_streams_own(data, kind, seed):
    """Blocks of any streams in any turns give the frames of a front end alone, bit for bit."""
    config = FrontEndConfig(normalisation=kind)
    many, one = ManyFrontEnd(config), FrontEnd(config)
    state, alone = many.new_state(STREAMS), [one.new_state() for _ in range(STREAMS)]
    rng = np.random.default_rng(seed)
    for turn in turns(data):
        loud = rng.choice([0, 3, 3_000, 30_000], (len(turn), 1))
        blocks = (rng.uniform(-1, 1, (len(turn), config.block_samples)) * loud).astype(np.int16)
        found = many.step(state, rows_of(turn), blocks)
        for n, stream in enumerate(turn):
            np.testing.assert_array_equal(found[n], one.step(alone[stream], blocks[n]))


@settings(max_examples=25)
@given(data=st.data(), seed=st.integers(0, 99))
def test_probabilities_are_each_streams_own(model, data, seed):
    """The same of the network, its states included, however loud the others' frames are."""
    many = ManyTriggers(model)
    manifest, bands = model.bundle.manifest, model.bundle.frontend.bands
    state, alone = many.new_state(STREAMS), [model.new_state() for _ in range(STREAMS)]
    rng = np.random.default_rng(seed)
    for turn in turns(data):
        scale = rng.choice([0.0, 0.01, 1.0, 20.0], (len(turn), 1, 1))
        frames = rng.normal(size=(len(turn), manifest.frames_per_call, bands)) * scale
        frames = frames.astype(np.float32)
        found = many.step(state, rows_of(turn), frames)
        for n, stream in enumerate(turn):
            np.testing.assert_array_equal(found[n], model.step(alone[stream], frames[n]))
    for at, name in enumerate(manifest.states):
        kept = np.concatenate([one[name] for one in alone])
        np.testing.assert_array_equal(state.buffers[at], kept)


def test_a_reset_stream_is_fresh_and_the_others_are_not(model):
    """After a reset a row answers like a new stream; its neighbours go on."""
    many = ManyTriggers(model)
    rng = np.random.default_rng(1)
    shape = (STREAMS, model.bundle.manifest.frames_per_call, model.bundle.frontend.bands)
    state, rows = many.new_state(STREAMS), rows_of(range(STREAMS))
    for _ in range(3):
        many.step(state, rows, rng.normal(size=shape).astype(np.float32))
    before = [buffer.copy() for buffer in state.buffers]
    state.reset(7)
    for buffer, was in zip(state.buffers, before, strict=True):
        assert not buffer[7].any()
        np.testing.assert_array_equal(np.delete(buffer, 7, 0), np.delete(was, 7, 0))


def test_shipped_networks_are_all_widened(model):
    """What ships shares its calls; an older export says why it doesn't."""
    many = ManyTriggers(model)
    assert (many.alone_because == "") == (model.bundle.name == "activate")
    assert model.bundle.name == "activate" or "number of axes" in many.alone_because


@pytest.mark.parametrize("width", WIDTHS)
def test_a_widened_network_keeps_its_weights(width):
    """It is no larger than the one it was made of by more than the shapes that are new."""
    bundle = load_bundle("activate")
    wide = widened(bundle.tflite, width)
    assert abs(len(wide) - len(bundle.tflite)) < 16_384
    details = interpreter_of(bundle, wide).get_signature_runner().get_input_details()
    assert all(detail["shape"][0] == width for detail in details.values())


def test_an_operation_that_nobody_knows_is_refused():
    """No network is widened by guessing: what isn't known raises, with the operation's name."""
    from ai_edge_litert import schema_py_generated as schema
    from wakeful.models import many_network

    model = schema.ModelT.InitFromPackedBuf(load_bundle("activate").tflite, 0)
    for code in model.operatorCodes:
        if code.builtinCode == schema.BuiltinOperator.TANH:
            code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.ELU
    with pytest.raises(WideningError, match="ELU"):
        widened(many_network._packed(schema, model), 8)


def test_one_more_stream_costs_no_other_its_bits():
    """A stream's frames are the same alone and among forty-four others."""
    config = dataclasses.replace(FrontEndConfig(), normalisation="running")
    many = ManyFrontEnd(config)
    rng = np.random.default_rng(2)
    blocks = (rng.normal(size=(STREAMS, config.block_samples)) * 3_000).astype(np.int16)
    together = many.step(many.new_state(STREAMS), rows_of(range(STREAMS)), blocks)
    alone = many.step(many.new_state(STREAMS), rows_of([17]), blocks[17:18])
    np.testing.assert_array_equal(together[17], alone[0])
