"""Makes ``beep.tflite`` and ``beep.json``: a tiny trigger, really trained, for the tests.

    python tests/data/make_beep.py

It learns to fire at the end of a two-tone beep (700 Hz, then 1100 Hz) and at nothing else: not at
either tone alone, not at the pair the wrong way round, not at noise. Needs the ``train`` extra.
"""

from pathlib import Path

import keras
import numpy as np
from wakeful.models.bundle import DetectorSettings, Manifest, Training, save_bundle
from wakeful.models.frontend import FrontEnd, FrontEndConfig
from wakeful.models.streaming import convert

RATE_HZ, STRIDE = 16_000, 3
TONE_S = 0.18


def tone(frequency_hz, rng):
    """One tone with soft edges."""
    t = np.arange(int(TONE_S * RATE_HZ)) / RATE_HZ
    wave = np.sin(2 * np.pi * frequency_hz * t + rng.uniform(0, 6))
    return wave * np.minimum(1, np.minimum(t, TONE_S - t) * 100)


def clip(kind, rng):
    """Two seconds and where the beep ends in it (0: there is none)."""
    low, high = tone(700, rng), tone(1_100, rng)
    parts = {"beep": [low, high], "low": [low], "high": [high], "back": [high, low], "none": []}
    wave = np.concatenate([*parts[kind], np.zeros(1)])
    sound = rng.normal(size=2 * RATE_HZ) * 10 ** rng.uniform(-4, -2.3)
    at = rng.integers(8_000, len(sound) - len(wave) - 6_400)
    sound[at : at + len(wave)] += wave * 10 ** rng.uniform(-1.5, -0.2)
    samples = (sound.clip(-1, 1) * 32_767).astype(np.int16)
    return samples, (at + len(wave)) if kind == "beep" else 0


def examples(count, frontend, rng):
    """Features [count, frames, bands], labels and weights [count, steps, 1]."""
    kinds = rng.choice(
        ["beep", "low", "high", "back", "none"], count, p=[0.4, 0.15, 0.15, 0.2, 0.1]
    )
    features, labels = [], []
    for kind in kinds:
        samples, end = clip(kind, rng)
        frames = frontend.whole(samples)[:198]
        label = np.zeros((len(frames) // STRIDE, 1), np.float32)
        if end:
            step = end // (160 * STRIDE)
            label[step : step + 5] = 1
        features.append(frames)
        labels.append(label)
    return np.stack(features), np.stack(labels)


def network(bands):
    """Conv1D and one GRU: the family that we ship, small."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((None, bands)),
            layers.ZeroPadding1D((3, 0)),
            layers.Conv1D(16, 6, strides=STRIDE, activation="relu"),
            layers.GRU(16, return_sequences=True, reset_after=True),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def main():
    """Train, check on new clips, convert, save."""
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    config = FrontEndConfig(normalisation="log", bands=20)
    frontend = FrontEnd(config)
    model = network(config.bands)
    model.compile(keras.optimizers.Adam(4e-3), "binary_crossentropy")
    model.fit(*examples(1_500, frontend, rng), epochs=30, batch_size=50, verbose=2)
    features, labels = examples(300, frontend, np.random.default_rng(2))
    peak = model.predict(features, verbose=0)[..., 0].max(axis=1)
    truth = labels[..., 0].max(axis=1) > 0
    accuracy = float(((peak > 0.5) == truth).mean())
    step = convert(model, frames_per_call=config.block_frames, weights="float32")
    manifest = Manifest(
        labels=["beep"],
        frontend=config.to_dict(),
        frames_per_call=step.frames_per_call,
        stride=step.stride,
        warmup_steps=step.warmup_steps,
        states={name: list(shape) for name, shape in step.states.items()},
        detector=DetectorSettings(threshold=0.5, smooth_steps=2, refractory_s=1.0),
        training=Training(command="python tests/data/make_beep.py", recipe="beep", seed=1),
        measured={"accuracy": accuracy, "clips": len(truth)},
    )
    print(accuracy, save_bundle(Path(__file__).with_name("beep"), manifest, step.tflite))


if __name__ == "__main__":
    main()
