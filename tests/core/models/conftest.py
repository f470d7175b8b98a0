"""A server of toy models, and a machine that is set up to use it and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import ModelServer, serve_models, write_table

from rythmo.models.catalog import Catalog, read_catalog


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serve_models() as state:
        yield state


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ModelServer) -> Path:
    """The models folder, on a machine whose pip, npm and hub are the server."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "HF_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in (
        "PIP_FIND_LINKS",
        "PIP_EXTRA_INDEX_URL",
        "PIP_NO_INDEX",
        "PIP_CERT",
        "NPM_CONFIG_USERCONFIG",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "user"))
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.base}/simple")
    monkeypatch.setenv("npm_config_registry", f"{server.base}/npm/")
    monkeypatch.setenv("HF_ENDPOINT", f"{server.base}/hub")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    folder = tmp_path / "models"
    monkeypatch.setenv("RYTHMO_MODELS", str(folder))
    return folder


@pytest.fixture
def table(tmp_path: Path, server: ModelServer) -> Catalog:
    return read_catalog(write_table(tmp_path / "table.toml", server.base))
