"""What all tests share: hypothesis without a clock, the same examples each time, and the real models."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import unsigned
from hypothesis import settings

from rythmo.models import find_model, get_command, models_folder

# A busy machine must not fail a property; and a failure in CI must be the same failure here.
settings.register_profile("rythmo", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("rythmo")

# What tests start in processes of their own imports the same support.
_SUPPORT = str(Path(__file__).parent / "support")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [_SUPPORT, os.environ.get("PYTHONPATH", "")]))

# Tests set RYTHMO_HOME for themselves; the weights stay where the set-up put them, also for subprocesses.
REAL_MODELS = models_folder()
os.environ["RYTHMO_MODELS"] = str(REAL_MODELS)


@pytest.fixture
def model_folder(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Give the folder of a real model by its name, and skip the test where it is not installed."""
    monkeypatch.setenv("RYTHMO_MODELS", str(REAL_MODELS))

    def find(name: str) -> Path:
        folder = find_model(name)
        if folder is None:
            pytest.skip(f"the model {name} is not installed: {get_command(name)}")
        return folder

    return find


@pytest.fixture(scope="session", autouse=True)
def own_home():
    """A folder of Rythmo's own for the tests: nobody's real settings, and nothing allowed before."""
    with (
        tempfile.TemporaryDirectory(prefix="rythmo-home-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("RYTHMO_HOME", folder)
        patch.setenv("RYTHMO_MODELS", str(REAL_MODELS))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def unsigned_deliveries():
    """Nothing that the tests deliver is signed, but where they use `signed_deliveries`."""
    unsigned.switch_signing_off()


@pytest.fixture(scope="module")
def signed_deliveries():
    """What this module delivers is signed."""
    with unsigned.signing():
        yield


def pytest_xdist_auto_num_workers() -> int:
    """Take one worker more than there are cores: tests of services and of the page often wait."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1
