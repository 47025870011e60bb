"""Bundles: what was saved loads; whatever doesn't fit is refused by its own named error."""

import json
import shutil

import pytest
from wakeful.models import bundle
from wakeful.models.bundle import load_bundle, save_bundle
from wakeful.models.runtime import TriggerModel


@pytest.fixture
def copied(beep_bundle, tmp_path):
    """A copy of the test bundle that may be spoiled: its manifest's path."""
    for ending in (".json", ".tflite"):
        shutil.copy(beep_bundle.with_suffix(ending), tmp_path)
    return tmp_path / "beep.json"


def edit(path, **changes):
    """Change top-level keys of a manifest."""
    manifest = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(manifest))


def one_line(error):
    """The text is one whole line that names the file."""
    text = str(error.value)
    return "\n" not in text and "beep" in text


def test_saved_is_loaded(beep_bundle, tmp_path):
    """Saving what was loaded gives the same bundle under another name."""
    first = load_bundle(beep_bundle)
    path = save_bundle(tmp_path / "again", first.manifest, first.tflite)
    second = load_bundle(path)
    assert (second.name, second.manifest, second.tflite) == ("again", first.manifest, first.tflite)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.json", "again.tflite"]


@pytest.mark.parametrize("ending", [".json", ".tflite", ""])
def test_any_of_its_names_finds_it(copied, ending):
    """The manifest, the network and the bare stem all mean the bundle."""
    assert load_bundle(copied.with_suffix(ending)).path == copied


def test_another_network_is_refused(copied):
    """One changed byte in the network is a hash error."""
    network = copied.with_suffix(".tflite")
    content = bytearray(network.read_bytes())
    content[len(content) // 2] ^= 1
    network.write_bytes(content)
    with pytest.raises(bundle.BundleHashError) as error:
        load_bundle(copied)
    assert one_line(error)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"format": 2}, bundle.BundleFormatError),
        ({"format": None}, bundle.BundleFormatError),
        ({"kind": "poem"}, bundle.BundleFormatError),
        ({"labels": "beep"}, bundle.BundleFormatError),
        ({"unknown_key": 1}, bundle.BundleFormatError),
        ({"frontend": {}}, bundle.BundleFrontEndError),
        ({"frames_per_call": 9}, bundle.BundleShapeError),
    ],
)
def test_an_odd_manifest_is_refused(copied, changes, expected):
    """Another format, kind, type, key, front end or step length has its own error and one line."""
    edit(copied, **changes)
    with pytest.raises(expected) as error:
        load_bundle(copied)
    assert one_line(error)


@pytest.mark.parametrize("key", ["normalisation", "hop_samples"])
def test_an_unknown_front_end_is_refused(copied, key):
    """A front end that this version does not have is refused by name."""
    frontend = json.loads(copied.read_text())["frontend"]
    edit(copied, frontend=frontend | {key: "newest"})
    with pytest.raises(bundle.BundleFrontEndError) as error:
        load_bundle(copied)
    assert one_line(error)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b'{"format": 1}'])
def test_no_manifest_is_refused(copied, content):
    """Whatever is no manifest at all is a format error."""
    copied.write_bytes(content)
    with pytest.raises(bundle.BundleFormatError) as error:
        load_bundle(copied)
    assert one_line(error)


def test_half_a_bundle_is_missing(copied):
    """A manifest without its network is told as missing, with the file's name."""
    copied.with_suffix(".tflite").unlink()
    with pytest.raises(bundle.BundleMissingError, match=r"beep\.tflite") as error:
        load_bundle(copied)
    assert one_line(error)


@pytest.mark.parametrize("name", ["", "no-such-word", "./no/such.json", "/tmp"])
def test_nothing_there(name):
    """A name that is not shipped, and a path to nothing, are told in one line."""
    with pytest.raises(bundle.BundleMissingError) as error:
        load_bundle(name)
    assert "\n" not in str(error.value)


def test_states_that_are_not_the_networks_are_refused(copied):
    """A manifest that promises another state than the network has is refused on loading."""
    states = json.loads(copied.read_text())["states"]
    edit(copied, states={**states, "gru9_h": [1, 3]})
    with pytest.raises(bundle.BundleShapeError, match="gru9_h"):
        TriggerModel(load_bundle(copied))
    name = next(iter(states))
    edit(copied, states={**states, name: [1, 99]})
    with pytest.raises(bundle.BundleShapeError, match=name):
        TriggerModel(load_bundle(copied))


def test_garbage_with_the_right_hash_is_refused(copied):
    """A network that LiteRT can't read is told, even when the manifest was written for it."""
    first = load_bundle(copied)
    path = save_bundle(copied.with_suffix(""), first.manifest, b"no network at all")
    with pytest.raises(bundle.BundleFormatError, match="LiteRT"):
        TriggerModel(load_bundle(path))


def test_another_kind_is_no_trigger(copied):
    """A command model given as a trigger is refused."""
    edit(copied, kind="commands")
    with pytest.raises(bundle.BundleFormatError, match="not trigger"):
        TriggerModel(load_bundle(copied))
