"""Fitting: it learns, what is masked doesn't count, and a kill in the middle costs nothing."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wakeful.training.examples import MASKED, Examples
from wakeful.training.fit import (
    FitError,
    FitSettings,
    Progress,
    fit,
    kept_losses,
)
from wakeful.training.resting import resting

pytestmark = pytest.mark.tensorflow
keras = pytest.importorskip("keras", reason="the train extra isn't installed")

SETTINGS = FitSettings(epochs=4, batch=16, peak_rate=1e-2, masked_bands=2, compiled=False)


def network(seed: int = 0) -> Any:
    """The smallest network with every kind of layer that the shipped one has."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((None, 4)),
            layers.Conv1D(8, 3, strides=3, use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.GRU(8, return_sequences=True),
            layers.Dropout(0.1),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def examples(seed: int = 0, count: int = 64) -> Examples:
    """Band 2 is loud in a third of the steps: those are the word."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((count, 6)) < 1 / 3).astype(np.int8)
    features = rng.normal(0, 0.3, (count, 18, 4))
    features[:, :, 2] += 2.0 * np.repeat(labels, 3, axis=1)
    return Examples(features.astype(np.float16), labels)


def fitted(settings: FitSettings = SETTINGS, **given: Any) -> Any:
    """A fresh network, fitted."""
    model = network()
    fit(model, lambda epoch: examples(), settings, 3, **given)
    return model


def same_weights(one: Any, two: Any) -> bool:
    """To the bit."""
    pairs = zip(one.get_weights(), two.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_it_learns_what_the_labels_say() -> None:
    """On sound that it was not fitted on."""
    model = fitted(replace(SETTINGS, epochs=25))
    test = examples(seed=1)
    heard = np.asarray(model(test.features.astype(np.float32)))[..., 0]
    assert np.mean((heard > 0.5) == test.labels) > 0.9


def test_layers_rest_while_the_last_one_learns() -> None:
    """They keep their weights and moving statistics to the bit, and learn again after it."""
    model = network()
    before = model.get_weights()
    with resting(model.layers[:-1]):
        fit(model, lambda epoch: examples(), SETTINGS, 3)
    pairs = list(zip(before, model.get_weights(), strict=True))
    assert not any(np.array_equal(a, b) for a, b in pairs[-2:])
    assert all(np.array_equal(a, b) for a, b in pairs[:-2] if a.dtype.kind == "f")
    assert all(layer.trainable for layer in model.layers)
    with pytest.raises(ZeroDivisionError), resting(model.layers):
        raise ZeroDivisionError
    assert all(layer.trainable for layer in model.layers)


def test_the_loss_falls_and_progress_is_told() -> None:
    """Once an epoch, with what is left to do."""
    told: list[Progress] = []
    fitted(replace(SETTINGS, epochs=8), report=told.append)
    assert [p.epoch for p in told] == list(range(1, 9))
    assert told[-1].loss < 0.7 * told[0].loss
    assert told[-1].left_s == 0.0


def test_a_fit_that_was_killed_ends_with_the_same_weights(tmp_path: Path) -> None:
    """Killed after two of four epochs, as by a signal: the checkpoint alone remains."""

    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.epoch == 2:
            raise Killed

    checkpoint = tmp_path / "fit.npz"
    with pytest.raises(Killed):
        fitted(checkpoint=checkpoint, report=kill)
    told: list[int] = []
    resumed = fitted(checkpoint=checkpoint, report=lambda p: told.append(p.epoch))
    assert told == [3, 4]
    assert same_weights(resumed, fitted())


def test_losses_survive_a_kill(tmp_path: Path) -> None:
    """The curve of a fit in two parts is that of one in a single part, to the bit."""

    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        raise Killed

    whole: list[Progress] = []
    fitted(report=whole.append)
    checkpoint = tmp_path / "fit.npz"
    assert kept_losses(checkpoint) == []
    with pytest.raises(Killed):
        fitted(checkpoint=checkpoint, report=kill)
    assert kept_losses(checkpoint) == [whole[0].loss]
    fitted(checkpoint=checkpoint)
    assert kept_losses(checkpoint) == [p.loss for p in whole]


def test_a_checkpoint_from_before_losses_were_kept_goes_on(tmp_path: Path) -> None:
    """To the same weights; what its epochs cost is not known any more."""
    checkpoint = tmp_path / "fit.npz"
    fitted(checkpoint=checkpoint)
    with np.load(checkpoint) as saved:
        old = {name: saved[name] for name in saved.files if name != "losses"}
    np.savez(checkpoint, **old)
    assert np.isnan(kept_losses(checkpoint)).tolist() == [True] * 4
    told: list[int] = []
    resumed = fitted(checkpoint=checkpoint, report=lambda p: told.append(p.epoch))
    assert told == []
    assert same_weights(resumed, fitted())


def test_a_process_that_was_killed_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    """SIGKILL, whenever it comes: another process that is given the checkpoint ends the same."""
    checkpoint = tmp_path / "fit.npz"
    program = (
        "import runpy, sys, pathlib\n"
        f"here = runpy.run_path({str(Path(__file__))!r})\n"
        "tell = lambda p: print(p.epoch, flush=True)\n"
        f"here['fitted'](checkpoint=pathlib.Path({str(checkpoint)!r}), report=tell)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout.readline() == "1\n"
        child.kill()
    assert child.returncode == -signal.SIGKILL
    told: list[int] = []
    resumed = fitted(checkpoint=checkpoint, report=lambda p: told.append(p.epoch))
    assert told == list(range(told[0], 5))
    assert told[0] > 1
    assert same_weights(resumed, fitted())


def test_a_finished_fit_is_not_done_again(tmp_path: Path) -> None:
    """The checkpoint of the last epoch is the result."""
    checkpoint = tmp_path / "fit.npz"
    once = fitted(checkpoint=checkpoint)
    told: list[int] = []
    assert same_weights(once, fitted(checkpoint=checkpoint, report=lambda p: told.append(p.epoch)))
    assert told == []


def test_masked_steps_teach_nothing() -> None:
    """Whatever the features of a masked step say, the weights come out the same."""
    masked = examples().labels.copy()
    masked[:, -1] = MASKED
    ends = [examples().features.copy() for _ in range(2)]
    # Normalisation looks at every step, masked or not: leave it out of the comparison.
    ends[1][:, -3:] = ends[0][::-1, -3:]
    results = []
    for features in ends:
        model = keras.Sequential([keras.layers.Input((None, 4)), keras.layers.Conv1D(1, 3, 3)])
        model.add(keras.layers.Activation("sigmoid"))
        model.set_weights([np.zeros((3, 4, 1)), np.zeros(1)])
        made = Examples(features, masked)
        fit(model, dict.fromkeys(range(99), made).__getitem__, SETTINGS, 3)
        results.append(model)
    assert same_weights(*results)


def test_the_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    """One line that names the file, not weights put where they don't belong."""
    checkpoint = tmp_path / "fit.npz"
    np.savez(checkpoint, epochs_done=np.int64(1), w000=np.zeros(3))
    with pytest.raises(FitError, match=r"fit\.npz"):
        fitted(checkpoint=checkpoint)


def test_features_that_are_no_numbers_stop_the_fit() -> None:
    """A lost fit is an error, not a model."""
    lost = examples()
    lost.features[:] = np.nan
    with pytest.raises(FitError, match="loss"):
        fit(network(), lambda epoch: lost, SETTINGS, 3)
