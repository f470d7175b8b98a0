"""SyncNet in numpy against PyTorch 2.13, with random weights of the real shapes.

The expected numbers are those that the same layers gave in PyTorch for the weights and inputs below: they
agreed to 4e-6 of the largest. To make them again takes PyTorch, so no script here does it.
"""

from __future__ import annotations

import io
import pickle
import sys
from types import ModuleType

import numpy as np
import pytest

from rythmo.engines.speech.syncnet import FILE, SyncNet, find_syncnet, load_syncnet
from rythmo.errors import EngineFailedError

PLACES = (0, 4, 8, 11, 14, 18)
LIP = ((96, 3, 5, 7, 7), (256, 96, 1, 5, 5), *((256, 256, 1, 3, 3),) * 3, (512, 256, 1, 6, 6))
SOUND = (
    (64, 1, 3, 3),
    (192, 64, 3, 3),
    (384, 192, 3, 3),
    (256, 384, 3, 3),
    (256, 256, 3, 3),
    (512, 256, 5, 4),
)
MOUTH = (-210.6978, -891.8645, 502.8959, -50.9776)
HEARD = (-2.41744, -1.43756, -4.53969, -14.01204)
"""The first components of the second vector of each."""


def make_weights() -> dict[str, np.ndarray]:
    """Weights of the shapes that the authors' checkpoint has, drawn so that values stay of one size."""
    draw, tensors = np.random.default_rng(1), {}

    def normalize(name: str, outputs: int) -> None:
        for part, low, high in (("weight", 0.5, 1.5), ("bias", -0.1, 0.1)):
            tensors[f"{name}.{part}"] = draw.uniform(low, high, outputs)
        for part, low, high in (("running_mean", -0.1, 0.1), ("running_var", 0.5, 1.5)):
            tensors[f"{name}.{part}"] = draw.uniform(low, high, outputs)

    def draw_layer(name: str, shape: tuple[int, ...]) -> None:
        reach = (6 / np.prod(shape[1:])) ** 0.5
        tensors[f"{name}.weight"] = draw.uniform(-reach, reach, shape)
        tensors[f"{name}.bias"] = draw.uniform(-0.1, 0.1, shape[0])

    for half, shapes in (("lip", LIP), ("aud", SOUND)):
        for place, shape in zip(PLACES, shapes, strict=True):
            draw_layer(f"netcnn{half}.{place}", shape)
            normalize(f"netcnn{half}.{place + 1}", shape[0])
        draw_layer(f"netfc{half}.0", (512, 512))
        normalize(f"netfc{half}.1", 512)
        draw_layer(f"netfc{half}.3", (1024, 512))
    return {name: values.astype(np.float32) for name, values in tensors.items()}


@pytest.fixture(scope="module")
def weights():
    return make_weights()


def test_vectors_are_those_of_pytorch(weights) -> None:
    net, draw = SyncNet(weights), np.random.default_rng(2)
    mouths = net.describe_mouths(draw.integers(0, 255, (6, 224, 224, 3), dtype=np.uint8))
    sounds = net.describe_sounds(draw.normal(size=(27, 13)))
    assert mouths.shape == (2, 1024)
    assert sounds.shape == (2, 1024)
    assert mouths[1, :4] == pytest.approx(MOUTH, rel=1e-3)
    assert sounds[1, :4] == pytest.approx(HEARD, rel=1e-3)


def test_too_little_gives_no_vectors(weights) -> None:
    net = SyncNet(weights)
    assert net.describe_mouths(np.zeros((4, 224, 224, 3), np.uint8)).shape == (0, 1024)
    assert net.describe_sounds(np.zeros((19, 13))).shape == (0, 1024)


def test_weights_of_another_network_are_refused(weights) -> None:
    with pytest.raises(EngineFailedError, match="not SyncNet's"):
        SyncNet({name: values for name, values in weights.items() if "netfcaud.3" not in name})
    with pytest.raises(EngineFailedError, match="inputs"):
        SyncNet({**weights, "netcnnaud.0.weight": np.zeros((64, 2, 3, 3), np.float32)})


def test_the_weights_are_found_where_the_user_has_put_them(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path))
    monkeypatch.delenv("RYTHMO_SYNCNET_MODEL", raising=False)
    assert find_syncnet() is None
    (tmp_path / "syncnet").mkdir()
    (tmp_path / "syncnet" / FILE).touch()
    assert find_syncnet() == tmp_path / "syncnet" / FILE
    monkeypatch.setenv("RYTHMO_SYNCNET_MODEL", str(tmp_path))
    assert find_syncnet() is None


def write_checkpoint(tensors: dict[str, np.ndarray], monkeypatch) -> bytes:
    """A checkpoint in the format before PyTorch 1.6, as the authors' is."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    kinds = {kind: type(kind, (), {"__module__": "torch"}) for kind in ("FloatStorage", "LongStorage")}
    vars(torch).update(kinds)

    def rebuild() -> None: ...

    rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = rebuild
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)

    class Tensor:
        def __init__(self, name: str, values: np.ndarray) -> None:
            self.name, self.values = name, values

        def __reduce__(self):
            strides = tuple(step // self.values.itemsize for step in self.values.strides)
            return rebuild, (Stored(self), 0, self.values.shape, strides, False, {})

    class Stored:
        def __init__(self, tensor: Tensor) -> None:
            self.tensor = tensor

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            if not isinstance(obj, Stored):
                return None
            values = obj.tensor.values
            kind = kinds["LongStorage" if values.dtype == np.int64 else "FloatStorage"]
            return "storage", kind, obj.tensor.name, "cuda:0", values.size, None

    file = io.BytesIO()
    for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(value, file, 2)
    Pickler(file, 2).dump({name: Tensor(name, values) for name, values in tensors.items()})
    pickle.dump(list(tensors), file, 2)
    for values in tensors.values():
        file.write(values.size.to_bytes(8, "little") + values.tobytes())
    return file.getvalue()


def test_the_checkpoint_is_read_as_tensors_also_past_whole_numbers(weights, tmp_path, monkeypatch) -> None:
    counted = {"netcnnlip.1.num_batches_tracked": np.array(7, np.int64), **weights}
    path = tmp_path / FILE
    path.write_bytes(write_checkpoint(counted, monkeypatch))
    cepstrum = np.random.default_rng(3).normal(size=(20, 13))
    assert np.array_equal(
        load_syncnet(path).describe_sounds(cepstrum), SyncNet(weights).describe_sounds(cepstrum)
    )
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EngineFailedError, match="cut off"):
        load_syncnet(path)
