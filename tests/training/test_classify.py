"""The fit of a classifier: it learns, it resumes to the same weights, it stops when it is tired."""

import numpy as np
import pytest

pytestmark = pytest.mark.tensorflow
keras = pytest.importorskip("keras", reason="needs the train extra")
classify = pytest.importorskip("wakeful.training.classify", reason="needs the train extra")

LABELS = 3
FULL = {
    "warmup_share": 0.1,
    "weight_decay": 1e-3,
    "average_share": 0.1,
    "smoothing": 0.05,
    "mixed_share": 0.5,
    "masked_bands": 2,
    "masked_frames": 3,
}


def data(count=96, seed=0):
    """Clips of ten frames by four bands: the band that is loud is the label."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(LABELS, size=count)
    features = 0.3 * rng.standard_normal((count, 10, 4)).astype(np.float32)
    features[np.arange(count), :, labels] += 1.0
    return classify.Labelled(features.astype(np.float16), labels)


def network(seed=1):
    """As small as a network can be, with a layer whose state changes in training."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((10, 4)),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling1D(),
            layers.Dense(LABELS),
        ]
    )


@pytest.mark.parametrize("extras", [{}, FULL], ids=["baseline", "everything"])
def test_it_learns_what_there_is_to_learn(extras):
    """Clips that were not fitted on are told apart, and the loss falls."""
    model, other = network(), data(seed=1)
    before = classify.accuracy(model, other)
    recipe = classify.Recipe(epochs=12, batch=16, rate=0.05, **extras)
    history = classify.fit_classifier(model, data(), recipe, 1, validation=other)
    assert history.losses[-1] < history.losses[0]
    assert classify.accuracy(model, other) >= 0.95 > before
    assert len(history.losses) == len(history.accuracy) == 12


@pytest.mark.parametrize("extras", [{}, FULL], ids=["baseline", "everything"])
def test_a_fit_that_was_stopped_ends_with_the_same_weights(tmp_path, extras):
    """After any epoch the same call goes on, to the bit."""
    recipe = classify.Recipe(epochs=4, batch=16, **extras)
    whole = network()
    told = classify.fit_classifier(whole, data(), recipe, 1)
    path, told_twice = tmp_path / "fit.npz", []

    class StopError(Exception):
        """Somebody pulled the plug."""

    def stop(done, epochs, loss, accuracy):
        told_twice.append(done)
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        classify.fit_classifier(network(), data(), recipe, 1, checkpoint=path, report=stop)
    second = network(seed=9)
    history = classify.fit_classifier(second, data(), recipe, 1, checkpoint=path)
    assert told_twice == [1, 2]
    assert history.losses == told.losses
    for ours, theirs in zip(second.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_patience_ends_with_the_best_epoch():
    """Where validation gets no better, the fit stops, and the best epoch's weights are kept."""
    model, other = network(), data(seed=1)
    recipe = classify.Recipe(epochs=60, batch=16, rate=0.05, patience=3)
    history = classify.fit_classifier(model, data(), recipe, 1, validation=other)
    assert len(history.losses) < 60
    assert len(history.losses) == int(np.argmax(history.accuracy)) + 4
    assert classify.accuracy(model, other) == max(history.accuracy)


def test_shares_are_learned_as_labels_are():
    """A clip may be so much of one label and so much of another."""
    clips = data()
    shares = classify.Labelled(clips.features, clips.shares(LABELS))
    recipe = classify.Recipe(epochs=3, batch=16)
    ours = classify.fit_classifier(network(), shares, recipe, 1)
    theirs = classify.fit_classifier(network(), clips, recipe, 1)
    assert ours.losses == theirs.losses


def test_a_clip_of_no_weight_teaches_nothing():
    """Weights say how much each clip counts: wrong labels of weight zero do no harm."""
    clips = data(160)
    labels = clips.labels.copy()
    labels[80:] = (labels[80:] + 1) % LABELS
    weights = np.where(np.arange(160) < 80, 1.0, 0.0)
    model = network()
    recipe = classify.Recipe(epochs=15, batch=16, rate=0.05)
    classify.fit_classifier(model, classify.Labelled(clips.features, labels, weights), recipe, 1)
    assert classify.accuracy(model, data(seed=2)) >= 0.95


def test_another_networks_checkpoint_is_refused(tmp_path):
    """A checkpoint whose shapes are others' is named, not mixed in."""
    path = tmp_path / "fit.npz"
    classify.fit_classifier(network(), data(), classify.Recipe(epochs=1), 1, checkpoint=path)
    wider = keras.Sequential([keras.layers.Input((10, 4)), keras.layers.Flatten(), *_dense()])
    with pytest.raises(classify.ClassifyError, match="another network"):
        classify.fit_classifier(wider, data(), classify.Recipe(epochs=2), 1, checkpoint=path)


def _dense():
    return [keras.layers.Dense(8), keras.layers.Dense(LABELS)]


def test_a_lost_fit_is_said():
    """Where the loss is no number, that is the error."""
    clips = data()
    clips.features[3] = np.nan
    with pytest.raises(classify.ClassifyError, match="no number"):
        classify.fit_classifier(network(), clips, classify.Recipe(epochs=1, batch=16), 1)
