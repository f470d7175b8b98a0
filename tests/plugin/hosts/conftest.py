"""A running service with toy engines and a toy film."""

from __future__ import annotations

import pytest
from toy_service import host_service, write_film


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A film of four seconds in which three people speak."""
    return write_film(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def session_service(tmp_path_factory, film):
    """The real service."""
    home, out = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("projects")
    with host_service(home, out, (film.parent,)) as settings:
        yield settings


@pytest.fixture
def service(session_service, monkeypatch):
    """The service; host scripts and permissions go by its folder, and its pages are not opened.

    The environment is set for one test at a time: tests of the page may follow in this process.
    """
    monkeypatch.setenv("BROWSER", "true")
    monkeypatch.setenv("RYTHMO_HOME", str(session_service.home))
    return session_service
