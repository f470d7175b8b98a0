"""One toy film and one dub of it for all tests of the service; a service for each module."""

from __future__ import annotations

import shutil
from itertools import count

import pytest
import toy
from service_under_test import running

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, Settings

_numbers = count(1)


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    return toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")


@pytest.fixture(scope="session")
def dubbed(film, tmp_path_factory):
    """A project of the toy film, made without a service."""
    job = Job(source=film, out=tmp_path_factory.mktemp("dubbed"), target_language="es", source_language="en")
    settings = Settings(deliver=DeliverSettings("otio,srt"))
    return pipeline.dub(job, settings, engines=fakes.specs()).project.root


@pytest.fixture(scope="module")
def media(film, tmp_path_factory):
    """A folder that is opened, with the film in it."""
    folder = tmp_path_factory.mktemp("media")
    shutil.copy(film, folder / "toy.mp4")
    return folder


@pytest.fixture(scope="module")
def service(media, tmp_path_factory):
    with running(tmp_path_factory.mktemp("home") / "service", media) as found:
        yield found


@pytest.fixture
def project(service, dubbed, media):
    """A project of this test's own, opened."""
    root = media / f"p{next(_numbers)}.rythmo"
    shutil.copytree(dubbed, root)
    yield service.call("POST", "/projects", {"path": str(root)})
    service.quiet(service.call("POST", "/projects", {"path": str(root)})["id"])
