"""The real service with the engines of a toy world, and a film for it; shared by the tests of the hosts."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from waitress.server import create_server

from rythmo.engines.fakes import PITCHES, RATE, tone
from rythmo.media import ffmpeg
from rythmo_plugin.service import file_mailbox, prefs_mailbox
from rythmo_plugin.service.app import create_app
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.server import run_server
from rythmo_plugin.service.service_file import new_token, write_service_file

WORKER = Path(__file__).with_name("toy_worker.py")
# (pitch, first sample, length): odd places, so that nothing lands on a frame by chance; two of one person
# follow each other closely.
SCENE = ((0, 24_013, 30_000), (1, 66_001, 24_000), (0, 101_007, 28_000), (2, 140_011, 30_000))
LENGTH = 192_000


def write_film(folder: Path) -> Path:
    """A film of four seconds in which three people speak."""
    sound = np.random.default_rng(1).normal(0, 0.01, (2, LENGTH)).astype(np.float32)
    for pitch, start, length in SCENE:
        sound[:, start : start + length] += tone(PITCHES[pitch], length)
    wav, path = folder / "film.wav", folder / "The film.mov"
    soundfile.write(wav, sound.T, RATE, subtype="PCM_24")
    picture = ["-f", "lavfi", "-i", "color=c=gray:s=64x48:r=25:d=4"]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s24le"]
    inputs = ["-v", "error", "-y", *picture, "-i", str(wav)]
    subprocess.run([ffmpeg.find_executable(), *inputs, *codecs, str(path)], check=True)
    return path


def profiles_of(home: Path) -> Path:
    """The folder of Fusion's profiles that the service with this folder looks at."""
    return home / "profiles"


TOY = (sys.executable, str(WORKER))


@contextmanager
def host_service(
    home: Path, out: Path, folders: tuple[Path, ...], worker: tuple[str, ...] = ()
) -> Iterator[ServiceSettings]:
    """The real service, on a port of its own, with its letterbox; unless told, its engines are a toy's."""
    server = create_server(lambda *_: [], host="127.0.0.1", port=0, threads=4)
    settings = ServiceSettings(
        home=home,
        token=new_token(),
        port=server.effective_port,
        folders=folders,
        out=out,
        worker=worker or (*TOY, f"--home={home}"),
    )
    app = create_app(settings)
    server.application = app
    stop = threading.Event()
    threads = [
        threading.Thread(target=run_server, args=(server,)),
        file_mailbox.watch_mailbox(app, home, settings.address, stop),
        prefs_mailbox.watch_prefs(app, home, settings.address, stop, profiles_of(home)),
    ]
    threads[0].start()
    write_service_file(settings)
    try:
        yield settings
    finally:
        stop.set()
        app.extensions["rythmo"].close()
        server.close()
        for thread in threads:
            thread.join(10)
