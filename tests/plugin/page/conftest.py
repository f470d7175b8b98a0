"""A service, a toy project on it, and a window of Chromium."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import pytest
import toy
from page_under_test import Stage
from service_under_test import running

_numbers = count(1)


@pytest.fixture(scope="session")
def page_media(tmp_path_factory):
    """An opened folder with a film that Chromium can play."""
    folder = tmp_path_factory.mktemp("page-media")
    toy.write_film(folder / "toy.mp4")
    return folder


@pytest.fixture(scope="session")
def page_service(browser, page_media, tmp_path_factory):
    with running(tmp_path_factory.mktemp("page-home") / "service", page_media) as found:
        yield found


@pytest.fixture(scope="session")
def toy_dub(page_service, page_media):
    """The root of a dub of the film; tests work on copies of it."""
    asked = {"source": str(page_media / "toy.mp4"), "target_language": "es", "source_language": "en"}
    job = page_service.until(page_service.call("POST", "/jobs", {**asked, "formats": ["otio", "srt"]})["id"])
    return Path(page_service.call("GET", f"/projects/{job['project']}")["root"])


@pytest.fixture
def project(page_service, toy_dub, page_media):
    """A project of this test's own, as the service tells it."""
    root = page_media / f"copy{next(_numbers)}.rythmo"
    shutil.copytree(toy_dub, root)
    opened = page_service.call("POST", "/projects", {"path": str(root)})
    page_service.quiet(opened["id"])
    yield page_service.call("GET", f"/projects/{opened['id']}")
    page_service.quiet(opened["id"])


@pytest.fixture
def stage(browser, page_service):
    """A window; when the test is over nothing may have been complained about."""
    found = Stage(browser, page_service)
    yield found
    found.close()
