"""A dubbed project on disk and a fake Pro Tools to send it to."""

from __future__ import annotations

import pytest

pytest.importorskip("grpc", reason="the extra `protools` is not installed")
if not pytest.importorskip("ptsl_definition").is_installed():
    pytest.skip("py-ptsl, which brings PTSL's definition, is not installed", allow_module_level=True)

from protools_stage import make_stages


@pytest.fixture
def stage(tmp_path):
    """Make a project with a Pro Tools to send it to."""
    with make_stages(tmp_path) as make:
        yield make
