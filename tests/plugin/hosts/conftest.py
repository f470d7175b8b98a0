"""A running service with toy engines and a toy film."""

from __future__ import annotations

import pytest
from toy_service import host_service, write_film


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A film of four seconds in which three people speak."""
    return write_film(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def service(tmp_path_factory, film):
    """The real service; its pages are not opened."""
    home, out = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("projects")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BROWSER", "true")
        with host_service(home, out, (film.parent,)) as settings:
            yield settings
