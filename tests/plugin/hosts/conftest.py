"""A running service with toy engines and a toy film."""

from __future__ import annotations

import pytest
from toy_service import host_service, write_film


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A film of four seconds in which three people speak."""
    return write_film(tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="package")
def service(tmp_path_factory, film):
    """The real service; its pages are not opened."""
    home, out = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("projects")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BROWSER", "true")
        # Host scripts and the trust in projects go by this folder; both must be the service's.
        environment.setenv("RYTHMO_HOME", str(home))
        with host_service(home, out, (film.parent,)) as settings:
            yield settings
