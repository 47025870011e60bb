"""Two workers fit one network: the same weights in both, and those that one would have found."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from wakeful.training.workers import Crew, WorkersError, _place

WORKER = """
import os, signal, sys
from pathlib import Path
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from wakeful.training.workers import crew
crew()
import keras
import numpy as np
from wakeful.training.examples import Examples
from wakeful.training.fit import FitSettings, fit
keras.utils.set_random_seed(0)
layers = keras.layers
model = keras.Sequential([
    layers.Input((None, 4)),
    layers.Conv1D(8, 3, strides=3, use_bias=False),
    layers.BatchNormalization(),
    layers.GRU(8, return_sequences=True),
    layers.Dense(1, activation="sigmoid"),
])
rng = np.random.default_rng(0)
labels = (rng.random((64, 6)) < 1 / 3).astype(np.int8)
features = rng.normal(0, 0.3, (64, 18, 4))
features[:, :, 2] += 2.0 * np.repeat(labels, 3, axis=1)
examples = Examples(features.astype(np.float16), labels)
settings = FitSettings(epochs=3, batch=16, peak_rate=1e-2, masked_bands=0)
dies_at = int(os.environ.get("DIES_AT", -1))

def of(epoch):
    if epoch == dies_at:
        os.kill(os.getpid(), signal.SIGKILL)
    return examples

fit(model, of, settings, 3, checkpoint=Path(sys.argv[1] + ".checkpoint.npz"))
np.savez(sys.argv[1], *model.get_weights())
"""


def free_ports(count):
    """Ports of this machine that nobody has."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for one in sockets:
        one.close()
    return ports


def started(out, addresses, number, **environment):
    """A worker that writes its weights in the end; alone where there is one address."""
    task = {"type": "worker", "index": number}
    config = json.dumps({"cluster": {"worker": addresses}, "task": task})
    command = [sys.executable, "-c", WORKER, str(out)]
    told = os.environ | {"TF_CONFIG": config} | environment
    return subprocess.Popen(command, env=told, stderr=subprocess.PIPE)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_two_workers_find_what_one_finds(tmp_path):
    """Both end with the same weights to the bit, and these are near those that one ends with."""
    pytest.importorskip("keras")
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    outs = [tmp_path / f"{name}.npz" for name in ("alone", "first", "second")]
    running = [started(outs[0], ["127.0.0.1:1"], 0)]
    running += [started(out, addresses, number) for number, out in enumerate(outs[1:])]
    ends = [process.communicate(timeout=280)[1].decode()[-2_000:] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], "\n".join(ends)
    alone, first, second = (list(np.load(out).values()) for out in outs)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    distance = sum(float(np.abs(a - b).sum()) for a, b in zip(first, alone, strict=True))
    assert distance < 0.1 * sum(float(np.abs(b).sum()) for b in alone)


@pytest.mark.tensorflow
@pytest.mark.timeout(300)
def test_one_killed_in_the_middle_loses_nothing(tmp_path):
    """The other is stopped, both are begun again: they end as two do that nobody killed."""
    pytest.importorskip("keras")

    def crew_of(names, **second):
        addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
        outs = [tmp_path / f"{name}.npz" for name in names]
        return outs, [started(outs[0], addresses, 0), started(outs[1], addresses, 1, **second)]

    whole, running = crew_of(("whole", "other"))
    assert [p.communicate(timeout=280) and p.returncode for p in running] == [0, 0]
    names = ("survivor", "killed")
    outs, (survivor, killed) = crew_of(names, DIES_AT="1")
    killed.communicate(timeout=280)
    assert killed.returncode == -signal.SIGKILL
    kept = [out.with_name(f"{out.name}.checkpoint.npz") for out in outs]
    until = time.monotonic() + 60
    while not all(path.exists() for path in kept) and time.monotonic() < until:
        time.sleep(0.05)
    survivor.terminate()
    survivor.communicate(timeout=60)
    assert all(path.exists() for path in kept)
    assert not any(out.exists() for out in outs)
    outs, running = crew_of(names)
    assert [p.communicate(timeout=280) and p.returncode for p in running] == [0, 0]
    expected, *found = (list(np.load(out).values()) for out in (whole[0], *outs))
    for weights in found:
        assert all(np.array_equal(a, b) for a, b in zip(weights, expected, strict=True))


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "[]",
        '{"cluster": {"worker": ["a:1", "b:1"]}}',
        '{"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}}',
        '{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "chief", "index": 0}}',
    ],
)
def test_a_config_that_names_no_worker_is_one_line(told):
    """What is wrong with TF_CONFIG is said, and how it should look."""
    with pytest.raises(WorkersError, match="TF_CONFIG"):
        _place(told)


def test_shares_are_all_of_a_batch_and_nothing_twice():
    """Every row is somebody's, and only his."""
    rows = np.arange(17)
    shares = [Crew(number, 3).share(rows) for number in range(3)]
    assert sorted(np.concatenate(shares).tolist()) == rows.tolist()
