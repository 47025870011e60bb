"""Streaming: the LiteRT step, fed piece by piece, is the Keras network over the whole clip."""

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytestmark = [pytest.mark.tensorflow, pytest.mark.timeout(300)]
keras = pytest.importorskip("keras", reason="needs the train extra")
pytest.importorskip("tensorflow", reason="needs the train extra")

from ai_edge_litert.interpreter import Interpreter  # noqa: E402
from wakeful.models.streaming import convert  # noqa: E402
from wakeful.models.streaming_flow import StreamingError  # noqa: E402
from wakeful.models.trigger import build  # noqa: E402

layers = keras.layers


class Runner:
    """The step under LiteRT, by the names of its tensors."""

    def __init__(self, step):
        self.step = step
        self.run = Interpreter(model_content=step.tflite, num_threads=1)
        self.run.allocate_tensors()
        signature = self.run.get_signature_runner()
        self.inputs = {k: v["index"] for k, v in signature.get_input_details().items()}
        self.outputs = {k: v["index"] for k, v in signature.get_output_details().items()}
        self.state = {k: np.zeros(shape, np.float32) for k, shape in step.states.items()}

    def feed(self, frames):
        """The probabilities of one call."""
        self.run.set_tensor(self.inputs["frames"], frames[np.newaxis])
        for name, value in self.state.items():
            self.run.set_tensor(self.inputs[name], value)
        self.run.invoke()
        self.state = {name: self.run.get_tensor(self.outputs[name]) for name in self.state}
        return self.run.get_tensor(self.outputs["probability"])[0]


def streamed(step, features):
    """All probabilities that the whole-clip network knows too."""
    runner, n = Runner(step), step.frames_per_call
    whole_calls = len(features) // n
    row = [runner.feed(features[k * n : (k + 1) * n]) for k in range(whole_calls)]
    return np.concatenate(row)[step.warmup_steps :]


def whole(model, features):
    """The network over the whole clip, as it was trained."""
    return model.predict(features[np.newaxis], verbose=0)[0, :, 0]


def features_for(model, frames, seed=0):
    """Random features."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(frames, model.input_shape[-1])).astype(np.float32)


def stir(model, seed=0):
    """Random weights everywhere, so that no fresh normalisation or bias passes for nothing."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        kinds = (layers.BatchNormalization, layers.LayerNormalization)
        low, high = (0.5, 1.5) if isinstance(layer, kinds) else (-0.3, 0.3)
        weights = [rng.uniform(low, high, w.shape).astype(np.float32) for w in layer.get_weights()]
        layer.set_weights(weights)
    return model


def largest_difference(step, model, features):
    """Between streamed and whole, over all steps that both have.

    A stream whose padding is longer than its kernels lags behind, but by no more than half here.
    """
    ours, theirs = streamed(step, features), whole(model, features)
    both = min(len(ours), len(theirs))
    assert both >= 0.5 * len(theirs) > 0
    return float(np.abs(ours[:both] - theirs[:both]).max())


@pytest.mark.parametrize(("name", "n"), [("trigger-default", 6), ("trigger-classic", 12)])
def test_the_named_networks_stream(name, n):
    """Float within 1e-5 of Keras over the whole clip; 8-bit weights close to it."""
    model = stir(build(name))
    features = features_for(model, model.input_shape[1] or 1_800)
    exact, small = convert(model, n), convert(model, n, "int8")
    assert largest_difference(exact, model, features) < 1e-5
    ours, theirs = streamed(small, features), whole(model, features)
    both = min(len(ours), len(theirs))
    assert np.abs(ours[:both] - theirs[:both]).max() < 0.1
    assert ranked_alike(ours[:both], theirs[:both]) > 0.995
    assert len(small.tflite) < 0.35 * len(exact.tflite)


def ranked_alike(ours, theirs):
    """How surely a step of their highest tenth outranks, by ours, one that isn't: 0.5 is chance."""
    high = theirs > np.quantile(theirs, 0.9)
    ranks = np.argsort(np.argsort(ours))
    count = int(high.sum())
    return (ranks[high].sum() - count * (count - 1) / 2) / (count * int((~high).sum()))


@pytest.mark.parametrize("weights", ["float32", "int8"])
@pytest.mark.parametrize(("name", "n"), [("trigger-default", 6), ("trigger-classic", 12)])
def test_the_whole_step_is_one_call_into_xnnpack(name, n, weights):
    """No operation is left outside, where it would cut the step in two and double its time."""
    runner = Interpreter(model_content=convert(build(name), n, weights).tflite, num_threads=1)
    runner.allocate_tensors()
    operations = runner._get_ops_details()
    taken_over = [op for op in operations if op["op_name"] == "DELEGATE"]
    probability = next(iter(runner.get_output_details()))["index"]
    assert len(taken_over) == 1
    assert probability in taken_over[0]["outputs"]
    assert {int(d["index"]) for d in runner.get_output_details()} <= set(taken_over[0]["outputs"])


@settings(max_examples=6)
@given(levels_db=st.lists(st.integers(-60, 60), min_size=4, max_size=4), seed=st.integers(0, 99))
def test_eight_bits_err_no_more_than_their_steps(levels_db, seed):
    """Each frame has its own scale: a loud neighbour takes no digits from a quiet frame."""
    model = keras.Sequential([layers.Input((None, 64)), layers.Dense(48), layers.Dense(1)])
    stir(model, seed)
    features = features_for(model, 4, seed) * 10 ** (np.array(levels_db, "f") / 20)[:, np.newaxis]
    first, bias, last, end = model.get_weights()
    exact = ((features @ first + bias) @ last + end)[:, 0]
    ours = streamed(convert(model, 4, "int8"), features)
    x_step = (features.max(1).clip(0) - features.min(1).clip(None, 0)) / 255
    w_step = np.abs(first).max(0) / 127
    x_error = x_step[:, np.newaxis] * np.abs(first).sum(0)
    w_error = w_step * (np.abs(features).sum(1) + 64 * x_step)[:, np.newaxis] / 2
    most = (x_error + w_error) @ np.abs(last[:, 0])
    assert (np.abs(ours - exact) <= most + 1e-5).all()
    assert np.abs(ours - exact).max() > 1e-6  # or nothing was in 8 bits


def test_names_and_shapes_are_those_promised():
    """The step's tensors are `frames`, `probability` and the named states, shapes as promised."""
    step = convert(build("trigger-default"), 6)
    runner = Runner(step)
    runner.feed(np.zeros((6, 40), np.float32))
    assert set(runner.inputs) == {"frames", *step.states}
    assert set(runner.outputs) == {"probability", *step.states}
    assert step.states["gru1_h"] == (1, 128)
    assert (step.stride, step.warmup_steps) == (3, 0)
    assert all(runner.state[name].shape == shape for name, shape in step.states.items())


@pytest.mark.parametrize("n", [3, 6, 9, 12, 30])
def test_any_number_of_frames_a_call(n):
    """The probabilities don't depend on how many frames a call takes."""
    model = stir(build("trigger-default"))
    assert largest_difference(convert(model, n), model, features_for(model, 360)) < 1e-5


convolutions = st.builds(
    dict,
    kind=st.sampled_from(["Conv1D", "Conv1D", "SeparableConv1D", "DepthwiseConv1D"]),
    kernel=st.integers(1, 6),
    stride=st.sampled_from([1, 1, 2, 3]),
    dilation=st.sampled_from([1, 1, 2]),
    padding=st.sampled_from(["valid", "causal", "front", "more"]),
    activation=st.sampled_from(["relu", "relu6", "tanh", "silu", "hard_sigmoid", "linear"]),
)
others = st.sampled_from(["batch", "layer", "gru", "gru-before", "gru-plain", "dense", "dropout"])


def convolution(options, longest_stride):
    """One convolution, with the padding that it asks for in front of it."""
    kernel, dilation = options["kernel"], options["dilation"]
    stride = options["stride"] if dilation == 1 and options["stride"] <= longest_stride else 1
    separable = options["kind"] != "Conv1D"
    before = {"front": max(0, kernel - stride), "more": kernel + 1}.get(options["padding"], 0)
    make = getattr(layers, options["kind"])
    arguments = {"strides": stride, "dilation_rate": dilation, "activation": options["activation"]}
    arguments["padding"] = "causal" if options["padding"] == "causal" and not separable else "valid"
    if options["kind"] == "DepthwiseConv1D":
        conv = make(kernel, depth_multiplier=2, **arguments)
    else:
        conv = make(5, kernel, **arguments)
    return [layers.ZeroPadding1D((before, 0)), conv] if before else [conv], stride


def another(name):
    """One layer that is no convolution."""
    return {
        "batch": layers.BatchNormalization,
        "layer": layers.LayerNormalization,
        "gru": lambda: layers.GRU(4, return_sequences=True),
        "gru-before": lambda: layers.GRU(3, return_sequences=True, reset_after=False),
        "gru-plain": lambda: layers.GRU(3, return_sequences=True, use_bias=False),
        "dense": lambda: layers.TimeDistributed(layers.Dense(6, activation="sigmoid")),
        "dropout": lambda: layers.Dropout(0.5),
    }[name]()


def plain(kernel, stride, padding):
    """One draw of a convolution, written out."""
    rest = {"kind": "Conv1D", "dilation": 1, "activation": "linear"}
    return {"kernel": kernel, "stride": stride, "padding": padding, **rest}


# The draws that a wrong warm-up survives least: a GRU, and padding, behind what has no padding.
@example(plan=[plain(3, 1, "valid"), "gru"], calls_of=2, seed=1)
@example(plan=[plain(4, 2, "valid"), "batch", plain(3, 1, "causal")], calls_of=1, seed=2)
@example(plan=[plain(6, 1, "valid"), plain(5, 3, "more"), "gru-before"], calls_of=2, seed=3)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(
    plan=st.lists(st.one_of(convolutions, others), min_size=1, max_size=6),
    calls_of=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_any_chain_streams(plan, calls_of, seed):
    """Any chain of the layers that are known gives, streamed, what it gives over the whole clip."""
    stack, total = [layers.Input((None, 4))], 1
    for item in plan:
        if isinstance(item, dict):
            added, stride = convolution(item, longest_stride=12 // total)
            stack += added
            total *= stride
        else:
            stack.append(another(item))
    model = stir(keras.Sequential([*stack, layers.Dense(1, activation="sigmoid")]), seed)
    step = convert(model, total * calls_of)
    assert step.stride == total
    calls = 20 + step.warmup_steps // calls_of
    features = features_for(model, calls * step.frames_per_call, seed)
    assert largest_difference(step, model, features) < 1e-5


def test_two_streams_and_a_reset():
    """States fed in turns through one interpreter give what each gives alone."""
    model = stir(build("trigger-default"))
    step = convert(model, 6)
    a, b = features_for(model, 120, 1), features_for(model, 120, 2)
    runner, states, rows = Runner(step), {}, {0: [], 1: []}
    fresh = dict(runner.state)
    for k in range(20):
        for which, features in enumerate((a, b)):
            runner.state = states.get(which, fresh)
            rows[which].append(runner.feed(features[6 * k : 6 * k + 6]))
            states[which] = runner.state
    for which, features in enumerate((a, b)):
        assert np.array_equal(np.concatenate(rows[which]), streamed(step, features))


@pytest.mark.parametrize(
    ("stack", "n", "message"),
    [
        ([layers.Conv1D(1, 3, padding="same")], 1, "looks ahead"),
        ([layers.ZeroPadding1D(1), layers.Conv1D(1, 3)], 1, "pads behind"),
        ([layers.Conv1D(1, 3, strides=2), layers.Conv1D(1, 3, strides=3)], 8, "a multiple of 6"),
        ([layers.Conv1D(1, 3)], 0, "a multiple of 1"),
        ([layers.GRU(1)], 1, "returns sequences"),
        ([layers.GRU(1, return_sequences=True, go_backwards=True)], 1, "runs forward"),
        ([layers.Bidirectional(layers.GRU(1, return_sequences=True))], 1, "can't be streamed"),
        ([layers.MaxPooling1D(2)], 2, "can't be streamed"),
        ([layers.Dense(1, activation="softplus")], 1, "activation"),
        ([layers.Dense(2)], 1, "a trigger gives one"),
        ([layers.ZeroPadding1D((2, 0)), layers.Dense(1)], 1, "must meet a convolution"),
    ],
)
def test_what_cannot_stream_is_told(stack, n, message):
    """A layer that looks ahead, branches or isn't known is refused in one line that names it."""
    model = keras.Sequential([layers.Input((None, 3)), *stack])
    with pytest.raises(StreamingError, match=message) as error:
        convert(model, n)
    assert "\n" not in str(error.value)


def test_a_branch_is_told():
    """A network that is not a chain is refused, whether its branches meet again or not."""
    sound = keras.Input((None, 3))
    ends = [layers.Dense(1)(sound), layers.Dense(1)(sound)]
    with pytest.raises(StreamingError, match="branches here"):
        convert(keras.Model(sound, layers.Add()(ends)), 1)
    with pytest.raises(StreamingError, match="2 outputs"):
        convert(keras.Model(sound, ends), 1)


@pytest.mark.parametrize("kind", [layers.BatchNormalization, layers.LayerNormalization])
def test_a_normalisation_of_time_is_told(kind):
    """One whose weights belong to places in the clip isn't taken for one of channels."""
    stack = [layers.Input((9, 3)), layers.Conv1D(1, 1), kind(axis=1)]
    with pytest.raises(StreamingError, match="axis -1"):
        convert(keras.Sequential(stack), 1)


def test_an_unknown_input_or_kind_of_weights_is_told():
    """Neither ends in an error of the library's, nor in weights that nobody asked for."""
    with pytest.raises(StreamingError, match=r"begin with Input"):
        convert(keras.Sequential([layers.Dense(1)]), 1)
    with pytest.raises(StreamingError, match=r"not \(clips, frames, bands\)"):
        convert(keras.Sequential([layers.Input((3,)), layers.Dense(1)]), 1)
    with pytest.raises(StreamingError, match="there are float32, int8"):
        convert(build("trigger-default"), 6, "int4")  # type: ignore[arg-type]
