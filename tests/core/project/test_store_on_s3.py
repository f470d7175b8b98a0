"""A store at an address of S3, on a server of this machine that speaks it.

Its packages pin others too narrowly for everybody's tests: pip install s3fs 'moto[server]'
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import toy

from rythmo.dubbing import pipeline
from rythmo.dubbing.job import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import OutputError
from rythmo.project.shared_store import open_store
from rythmo.project.workspace import Artefacts
from rythmo.settings import DeliverSettings, ExecutionSettings, SceneSettings, Settings

KEY = "ab" * 16
SETTINGS = Settings(deliver=DeliverSettings("otio,srt"), scenes=SceneSettings(4.0, 1.0))

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def bucket():
    """The address of a bucket; its server and the credentials are told by the environment, as a user does."""
    for name in ("s3fs", "moto.server", "boto3"):
        pytest.importorskip(name, reason="needs pip install s3fs 'moto[server]'")
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("s3").create_bucket(Bucket="films")
        yield "s3://films/rythmo"
        s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def dub(address, film, out) -> tuple[dict[str, bytes], fakes.Calls]:
    """The sounds of a dub with that store, and the calls that its engines had."""
    calls = fakes.Calls()
    settings = replace(SETTINGS, execution=ExecutionSettings(store=address))
    done = pipeline.dub(Job(film, "es", "en", out), settings, engines=fakes.specs(calls))
    folders = (done.project.stems, done.project.takes)
    sounds = {path.name: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.wav"))}
    return sounds, calls


def test_another_machine_finds_what_the_first_one_made(bucket, tmp_path):
    film = toy.write_sound(tmp_path / "toy.wav")
    first, _ = dub(f"{bucket}/dub", film, tmp_path / "one")
    second, calls = dub(f"{bucket}/dub", film, tmp_path / "two")
    alone, _ = dub("", film, tmp_path / "three")
    assert first == second == alone
    # Casting lists the voices of the engine; nothing else was asked for again.
    assert set(calls.count) <= {Kind.VOICE}
    assert not calls.spoken


def test_a_bucket_that_is_not_there_is_one_clear_error(bucket, tmp_path):
    cache = Artefacts(tmp_path, store=open_store(bucket.replace("films", "no-such-bucket")))
    with pytest.raises(OutputError, match="s3://no-such-bucket/rythmo cannot be written") as caught:
        cache.value("words", KEY, int, lambda: 1)
    assert "credentials" in caught.value.hint
