"""A browser for the panel, and a running service with toy engines and a toy film."""

from __future__ import annotations

import pytest
from panel_stage import CHROMIUM
from toy_service import host_service, write_film


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


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
