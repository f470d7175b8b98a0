from __future__ import annotations

import sys
import threading
from types import SimpleNamespace

import pytest

from rythmo.engines.local import devices
from rythmo.engines.local.devices import Models, is_out_of_memory, measure_size, pick_device, run_in_batches
from rythmo.errors import CancelledError, EngineFailedError


class OutOfMemoryError(RuntimeError):
    """What torch raises is told by its name, so that torch need not be imported to know it."""


@pytest.fixture
def torch(monkeypatch):
    """A torch on a machine of our choice."""
    fake = SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: fake.has_cuda, empty_cache=lambda: None,
                             mem_get_info=lambda device: (7, 9)),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: fake.has_mps)),
        mps=SimpleNamespace(empty_cache=lambda: None), __version__="9", has_cuda=False, has_mps=False,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", fake)
    return fake


def test_auto_takes_the_fastest_there_is(torch) -> None:
    assert pick_device() == "cpu"
    torch.has_mps = True
    assert pick_device() == "mps"
    torch.has_cuda = True
    assert pick_device() == "cuda"
    assert pick_device("cuda:1") == "cuda:1"
    assert pick_device("cpu") == "cpu"
    assert devices.free_memory("cuda") == 7


def test_a_device_that_is_not_there_is_an_error(torch) -> None:
    with pytest.raises(EngineFailedError, match="no cuda"):
        pick_device("cuda:0")
    with pytest.raises(EngineFailedError, match="no device 'tpu'"):
        pick_device("tpu")


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (OutOfMemoryError("x"), True),
        (MemoryError(), True),
        (RuntimeError("CUDA failed with error out of memory"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated ...)"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"), True),
        (RuntimeError("shape mismatch"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_counts_as_out_of_memory(error: Exception, is_memory: bool) -> None:
    assert is_out_of_memory(error) is is_memory


def test_the_batch_is_halved_until_it_fits() -> None:
    tried: list[int] = []

    def run(batch: int) -> str:
        tried.append(batch)
        if batch > 3:
            raise OutOfMemoryError
        return "done"

    assert run_in_batches(16, run) == "done"
    assert tried == [16, 8, 4, 2]


def test_a_batch_of_one_that_does_not_fit_is_an_error() -> None:
    def run(batch: int) -> None:
        raise OutOfMemoryError

    with pytest.raises(EngineFailedError, match="not enough memory") as caught:
        run_in_batches(4, run)
    assert "smaller model" in caught.value.hint


@pytest.mark.parametrize(
    "error", [RuntimeError, ValueError, IndexError, KeyError, ZeroDivisionError, OSError]
)
def test_other_errors_are_not_taken_for_memory(error: type[Exception]) -> None:
    tried: list[int] = []

    def run(batch: int) -> None:
        tried.append(batch)
        raise error("shape mismatch")

    with pytest.raises(EngineFailedError, match="shape mismatch") as caught:
        run_in_batches(4, run)
    assert tried == [4]
    assert caught.value.hint


def test_a_cancel_goes_through() -> None:
    def run(batch: int) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        run_in_batches(4, run)


def test_a_model_that_cannot_be_loaded_is_said_and_not_kept() -> None:
    def load() -> None:
        raise OSError("Unable to load weights from pytorch checkpoint file")

    machine = Machine(2)
    with (
        pytest.raises(EngineFailedError, match="Unable to load weights"),
        machine.models.use("x", load, device="cpu"),
    ):
        pass
    assert machine.models.loaded() == ()


class Machine:
    """Memory for `room` models of size 10."""

    def __init__(self, room: int) -> None:
        self.models = Models(
            free_memory=lambda _: 10 * (room - len(self.models.loaded())), empty=lambda: None
        )
        self.room, self.loads = room, []

    def load(self, name: str):
        def work() -> str:
            if len(self.models.loaded()) >= self.room:
                raise OutOfMemoryError
            self.loads.append(name)
            return name

        return work

    def use(self, name: str, needs: int = 10):
        return self.models.use(name, self.load(name), device="cpu", needs=needs)


def test_a_model_is_loaded_once() -> None:
    machine = Machine(2)
    for _ in range(3):
        with machine.use("a") as model:
            assert model == "a"
    assert machine.loads == ["a"]


@pytest.mark.parametrize("needs", [10, 0], ids=["known size", "unknown size"])
def test_the_longest_unused_goes_when_room_is_needed(needs: int) -> None:
    machine = Machine(2)
    for name in ("a", "b", "a", "c"):
        with machine.use(name, needs):
            pass
    assert machine.loads == ["a", "b", "c"]
    assert "c" in machine.models.loaded()
    assert "b" not in machine.models.loaded()


def test_a_model_in_use_stays() -> None:
    machine = Machine(1)
    with (
        machine.use("a"),
        pytest.raises(EngineFailedError, match="not enough memory on cpu"),
        machine.use("b"),
    ):
        pass
    assert machine.models.loaded() == ("a",)
    with machine.use("b"):
        assert machine.models.loaded() == ("b",)


def test_threads_share_one_load() -> None:
    machine, met = Machine(5), threading.Barrier(4)

    def work() -> None:
        met.wait(10)
        with machine.use("a"):
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert machine.loads == ["a"]


def test_free_forgets_only_what_nobody_uses() -> None:
    machine = Machine(3)
    with machine.use("a"):
        pass
    with machine.use("b"):
        assert machine.models.free() == 1
        assert machine.models.loaded() == ("b",)
    assert machine.models.free(device="cuda") == 0
    assert machine.models.free(device="cpu") == 1


def test_sizes_and_free_memory_are_measured(tmp_path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "weights").write_bytes(b"x" * 100)
    (tmp_path / "config").write_bytes(b"x")
    assert measure_size(tmp_path) == 101
    assert measure_size(tmp_path / "config") == 1
    free = devices.free_memory("cpu")
    assert free is None or free > 10_000_000


def test_progress_never_goes_back() -> None:
    seen: list[float] = []
    tell = devices.keep_rising(seen.append)
    for fraction in (0.0, 0.5, 0.1, 0.4, 0.5, 1.0):
        tell(fraction)
    assert seen == [0.0, 0.5, 0.5, 1.0]
