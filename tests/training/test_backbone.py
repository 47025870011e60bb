"""The backbone: written and read to the bit of a float16, and put where it fits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from wakeful.training.backbone import (
    SHIPPED,
    SHIPPED_EAR,
    About,
    Backbone,
    BackboneError,
    backbone_of,
    load_backbone,
    save_backbone,
)

trigger = pytest.importorskip("wakeful.models.trigger", reason="needs the train extra")
pytestmark = pytest.mark.tensorflow

SMALL = trigger.TriggerSize(first_filters=4, second_filters=6, units=8)
ABOUT = About("trigger-default", command="made here", recipe={"seed": 1}, loss=0.2)


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    """Of a small network with drawn weights."""
    return backbone_of(trigger.embedding(trigger.trigger_default(SMALL), 96), ABOUT)


def test_what_is_written_is_what_is_read(backbone: Backbone, tmp_path: Path) -> None:
    """Weights to half precision, everything said about them whole."""
    save_backbone(tmp_path / "b.npz", backbone)
    read = load_backbone(tmp_path / "b.npz")
    assert read.about == ABOUT
    assert read.weights.keys() == backbone.weights.keys()
    for name, weight in backbone.weights.items():
        np.testing.assert_allclose(read.weights[name], weight, rtol=1e-3, atol=1e-4)


def test_a_network_with_it_embeds_as_the_first_did(backbone: Backbone) -> None:
    """In another network of the same shape, whatever that held before."""
    frames = np.random.default_rng(1).normal(size=(2, 60, 40)).astype(np.float32)
    nets = [trigger.trigger_default(SMALL) for _ in range(2)]
    for net in nets:
        backbone.put_into(net)
        net.get_layer("probability").kernel.assign(np.ones((8, 1)))
    one, two = (np.asarray(net(frames, training=False)) for net in nets)
    np.testing.assert_array_equal(one, two)
    assert np.abs(one).max() > 0.01


def test_the_words_own_layer_begins_anew(backbone: Backbone) -> None:
    """Its weights are the network's own, and it says "no" until it has learned something."""
    net = trigger.trigger_default(SMALL)
    drawn = np.asarray(net.get_layer("probability").kernel)
    backbone.put_into(net)
    np.testing.assert_array_equal(np.asarray(net.get_layer("probability").kernel), drawn)
    assert float(net.get_layer("probability").bias[0]) < -1


def test_another_network_is_refused(backbone: Backbone) -> None:
    """By the name of the first layer that doesn't fit; nothing is put anywhere."""
    net = trigger.trigger_default(replace(SMALL, units=9))
    before = [np.asarray(w) for w in net.weights]
    with pytest.raises(BackboneError, match="gru1"):
        backbone.put_into(net)
    for was, weight in zip(before, net.weights, strict=True):
        np.testing.assert_array_equal(was, np.asarray(weight))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"not a backbone", None])
def test_what_is_no_backbone_is_told(content: bytes | None, tmp_path: Path) -> None:
    """In one line that names the file."""
    path = tmp_path / "odd.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BackboneError, match=r"odd\.npz") as raised:
        load_backbone(path)
    assert "\n" not in str(raised.value)


def test_another_format_is_told(backbone: Backbone, tmp_path: Path) -> None:
    """Which, and what to do."""
    save_backbone(tmp_path / "b.npz", replace(backbone, about=replace(ABOUT, format=9)))
    with pytest.raises(BackboneError, match=r"format 9.*update"):
        load_backbone(tmp_path / "b.npz")


def test_the_shipped_one_fits_the_shipped_network() -> None:
    """Every word starts from it, and it says what it was made from."""
    shipped = load_backbone()
    shipped.put_into(trigger.trigger_default())
    assert shipped.about.network == "trigger-default"
    assert shipped.about.command
    assert shipped.about.teacher
    assert all(d["licence"] for d in shipped.about.data)
    assert SHIPPED.stat().st_size < 1_000_000


def test_the_shipped_ear_fits_the_network_of_the_commands() -> None:
    """All of what it has is theirs, and it says how it was made."""
    commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")
    shipped = load_backbone(SHIPPED_EAR)
    model = commands.commands_default()
    put = {layer.name for layer in shipped.put_under(model)}
    assert put == {layer.name for layer in model.layers if layer.name.startswith("ear-")}
    assert shipped.about.network == "commands-default"
    assert "--of commands-default" in shipped.about.command
    assert all(d["licence"] for d in shipped.about.data)
    assert SHIPPED_EAR.stat().st_size < 700_000


def test_a_backbone_under_another_network_is_refused() -> None:
    """Not for a size of its own and not for one of other layers; the layer is named."""
    commands = pytest.importorskip("wakeful.models.commands", reason="needs the train extra")
    ear = pytest.importorskip("wakeful.models.ear", reason="needs the train extra")
    other = commands.commands_default(3, ear.EarSize(width=32))
    with pytest.raises(BackboneError, match="ear-joined"):
        load_backbone(SHIPPED_EAR).put_under(other)
    with pytest.raises(BackboneError, match="conv1"):
        load_backbone().put_under(other)


def test_other_weights_have_another_digest(backbone: Backbone) -> None:
    """One number is enough; in which order they lie is not told apart."""
    same = replace(backbone, weights=dict(reversed(backbone.weights.items())))
    assert same.digest() == backbone.digest()
    name = next(iter(backbone.weights))
    changed = backbone.weights[name].copy()
    changed.flat[-1] += 0.5
    other = replace(backbone, weights=backbone.weights | {name: changed})
    assert other.digest() != backbone.digest()
