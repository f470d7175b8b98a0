"""What all tests share: hypothesis without a clock, and the same examples each time."""

import os
import tempfile

import pytest
from hypothesis import settings

# A busy machine must not fail a property; and a failure in CI must be the same failure here.
settings.register_profile("rythmo", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("rythmo")


@pytest.fixture(scope="session", autouse=True)
def own_home():
    """A folder of Rythmo's own for the tests: nobody's real settings, and nothing allowed before."""
    with tempfile.TemporaryDirectory(prefix="rythmo-home-", ignore_cleanup_errors=True) as folder:
        before = os.environ.get("RYTHMO_HOME")
        os.environ["RYTHMO_HOME"] = folder
        yield folder
        if before is None:
            del os.environ["RYTHMO_HOME"]
        else:
            os.environ["RYTHMO_HOME"] = before
