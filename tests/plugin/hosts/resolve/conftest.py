"""A running service with toy engines, a toy film, and both scripts against the fake Resolve."""

from __future__ import annotations

import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_resolve import Manners, Resolve
from waitress.server import create_server

from rythmo.engines.fakes import PITCHES, RATE, tone
from rythmo.media import ffmpeg
from rythmo_plugin.service.announce import announce, new_token
from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings

SUPPORT = Path(__file__).parents[3] / "support"
# (pitch, first sample, length): odd places, so that nothing lands on a frame by chance; two of one person
# follow each other closely.
SCENE = ((0, 24_013, 30_000), (1, 66_001, 24_000), (0, 101_007, 28_000), (2, 140_011, 30_000))
LENGTH = 192_000


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A film of four seconds in which three people speak."""
    folder = tmp_path_factory.mktemp("film")
    sound = np.random.default_rng(1).normal(0, 0.01, (2, LENGTH)).astype(np.float32)
    for pitch, start, length in SCENE:
        sound[:, start : start + length] += tone(PITCHES[pitch], length)
    wav, path = folder / "film.wav", folder / "The film.mov"
    soundfile.write(wav, sound.T, RATE, subtype="PCM_24")
    picture = ["-f", "lavfi", "-i", "color=c=gray:s=64x48:r=25:d=4"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s24le"]
    inputs = ["-v", "error", "-y", *picture, "-i", str(wav)]
    subprocess.run([ffmpeg.executable(), *inputs, *codecs, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def service(tmp_path_factory, film):
    """The real service, on a port of its own."""
    home, out = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("projects")
    environment = pytest.MonkeyPatch()
    environment.setenv("BROWSER", "true")
    server = create_server(lambda *_: [], host="127.0.0.1", port=0, threads=4)
    settings = ServiceSettings(
        home=home,
        token=new_token(),
        port=server.effective_port,
        folders=(film.parent,),
        out=out,
        worker=(sys.executable, str(SUPPORT / "toy_worker.py")),
    )
    app = create_app(settings)
    server.application = app
    thread = threading.Thread(target=server.run)
    thread.start()
    announce(settings)
    yield settings
    app.extensions["rythmo"].close()
    server.close()
    thread.join(10)
    environment.undo()


@pytest.fixture
def resolve(film):
    """A Resolve with the toy film on a timeline at 25, 01:00:00:00."""

    def make(
        manners: Manners | None = None, rate=Fraction(25), start="01:00:00:00", name="Reel 1"
    ) -> Resolve:
        made = Resolve(manners)
        made.film(name, film, rate=rate, start=start)
        return made

    return make
