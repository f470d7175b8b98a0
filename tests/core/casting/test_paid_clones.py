"""A paid cloning service through the whole pipeline: the real SDK, a loopback that counts what is paid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import toy
from fake_http import Loopback
from fake_services import FakeElevenLabs

from rythmo.casting import cast_file as cast_files
from rythmo.casting.consent import Consent
from rythmo.cli import main
from rythmo.dubbing import pipeline, saved_cast
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.script.edits import rename_speaker
from rythmo.settings import CastSettings, DeliverSettings, EngineSettings, Settings

pytest.importorskip("elevenlabs", reason="the SDK comes with rythmo[elevenlabs]")

PEOPLE = {"S1": "Anna", "S2": "Ben", "S3": "Clara"}


def toys():
    """Every kind but the voice."""
    return {kind: spec for kind, spec in fakes.specs().items() if kind is not Kind.VOICE}


@pytest.fixture(scope="module")
def cast_file(tmp_path_factory):
    """Made from the toy film by tone voices; everybody has agreed."""
    folder = tmp_path_factory.mktemp("first")
    film = toy.write_sound(folder / "toy.wav")
    done = pipeline.dub(
        Job(film, "es", "en", folder), Settings(deliver=DeliverSettings("otio")), engines=fakes.specs()
    )
    script = done.script
    for speaker, name in PEOPLE.items():
        script = rename_speaker(script, speaker, name)
    done.project.save(script)
    path = folder / "cast.toml"
    with pytest.MonkeyPatch.context() as patch:
        toys_by_kind = fakes.specs()
        patch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys_by_kind[kind])
        cast = saved_cast.save(done.project, path, Settings()).cast
    people = tuple(
        replace(one, consents=(Consent(one.name, one.name, "us", "a test", ("*",), date.max,
                                       one.reference.sha256),))
        for one in cast.people
    )  # fmt: skip
    cast_files.save_cast(replace(cast, people=people), path)
    return path


@pytest.fixture
def service(monkeypatch, tmp_path):
    monkeypatch.setenv("ELEVENLABS_API_KEY", "xi-test-key")
    monkeypatch.setenv("RYTHMO_STATE", str(tmp_path / "state"))
    server = Loopback()
    yield FakeElevenLabs(server)
    server.close()


def settings(cast_file, service_url, **cast):
    return Settings(
        engines=EngineSettings(voice="elevenlabs"),
        deliver=DeliverSettings("otio"),
        cast=CastSettings(str(cast_file), **cast),
        options={"elevenlabs": {"base_url": service_url, "concurrency": 1}},
    )


def film(folder: Path, cast_file: Path, name="toy.wav") -> Path:
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(cast_file.parent / "toy.wav", folder / name))


def dub(source: Path, chosen: Settings, report=lambda _: None):
    return pipeline.dub(Job(source, "es", "en", source.parent), chosen, engines=toys(), report=report)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from test_paid_clones import dub, settings

def die(event):
    if event.stage == "voice" and event.done >= 2:
        os.kill(os.getpid(), signal.SIGKILL)

dub(Path(sys.argv[1]), settings(sys.argv[2], sys.argv[3]), die)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_kill_during_synthesis_pays_for_nothing_twice(service, cast_file, tmp_path):
    source = film(tmp_path / "dub", cast_file)
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "support")]
    command = [sys.executable, "-c", KILLED, str(source), str(cast_file), service.server.url, *paths]
    killed = subprocess.run(command, env=os.environ, timeout=120, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    made, spoken = list(service.made), list(service.spoken)
    finished = list((tmp_path / "dub" / "toy.rythmo" / "cache" / "voice").glob("*.wav"))
    assert 2 <= len(finished) <= len(spoken) < len(toy.SCENE)
    assert 1 <= len(made) <= 3 and not service.deleted

    done = dub(source, settings(cast_file, service.server.url))

    assert [line.chosen for line in done.script.lines] == ["t01"] * len(toy.SCENE)
    assert len(service.made) == len(set(service.made)) == 3, "one clone for each person, over both runs"
    assert service.made[: len(made)] == made
    again = service.spoken[len(spoken) :]
    assert len(again) == len(toy.SCENE) - len(finished), "what was stored is not paid for again"
    assert service.voices == {}, "and the clones are gone at the end"
    assert all(speaker.consent for speaker in done.script.speakers)


def test_two_speakers_with_the_same_sentence_are_two_takes_by_two_clones(service, cast_file, tmp_path):
    source = film(tmp_path / "dub", cast_file)
    translation = tmp_path / "same.srt"
    translation.write_text(
        "1\n00:00:00,500 --> 00:00:01,500\nHola\n\n2\n00:00:02,000 --> 00:00:02,600\nHola\n"
    )
    job = Job(source, "es", "en", source.parent, translation=translation)
    done = pipeline.dub(job, settings(cast_file, service.server.url), engines=toys())
    assert [text for _, text in service.spoken] == ["Hola"] * 2
    assert len({voice for voice, _ in service.spoken}) == 2
    one, two = (done.project.root / line.take.file for line in done.script.lines[:2])
    assert one.read_bytes() != two.read_bytes()


def test_clones_may_be_kept_for_the_next_episode_and_cleaned_by_hand(service, cast_file, tmp_path, capsys):
    kept = settings(cast_file, service.server.url, keep_clones=True)
    first = dub(film(tmp_path / "one", cast_file, "one.wav"), kept)
    second = dub(film(tmp_path / "two", cast_file, "two.wav"), kept)
    assert len(service.made) == 3 and not service.deleted, "the second episode makes none"
    voices = [[speaker.voice for speaker in done.script.speakers] for done in (first, second)]
    assert voices[0] == voices[1]

    assert main(["doctor"]) in (0, 1)
    assert "3 may still be at elevenlabs" in capsys.readouterr().out
    assert main(["doctor", "--clean-voices"]) == 0
    assert capsys.readouterr().out.count("deleted") == 3
    assert service.voices == {}
    assert main(["doctor", "--clean-voices"]) == 0
    assert "No clone" in capsys.readouterr().out


def test_what_cannot_be_deleted_is_named_and_stays_on_the_list(
    service, cast_file, tmp_path, monkeypatch, capsys
):
    dub(film(tmp_path / "one", cast_file), settings(cast_file, service.server.url, keep_clones=True))
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    monkeypatch.setattr("rythmo.engines.remote.keys._from_keyring", lambda _: "")
    assert main(["doctor", "--clean-voices"]) == 1
    assert capsys.readouterr().out.count("LEFT") == 3
    assert len(service.voices) == 3


def test_withdrawn_consent_leaves_nothing_to_clone_from(service, cast_file, tmp_path, capsys):
    cast = Path(shutil.copytree(cast_file.parent, tmp_path / "cast")) / cast_file.name
    chosen = settings(cast, service.server.url, keep_clones=True)
    source = film(tmp_path / "dub", cast_file)
    first = dub(source, chosen)
    anna = next(one for one in first.script.speakers if one.name == "Anna")
    assert anna.consent
    assert len(service.made) == 3
    root = first.project.root

    assert main(["cast", str(root), "--save", str(cast), "--withdraw", "anna"]) == 0
    said = capsys.readouterr().out

    assert len(service.deleted) >= 1
    assert "takes with the cloned voice" in said
    kept = next(one for one in first.project.load().speakers if one.id == anna.id)
    assert (kept.voice, kept.consent) == (None, "")
    assert not list(root.rglob(f"{anna.voice.id.removeprefix('clone-')}.wav"))
    assert not (cast.parent / "references" / "anna.wav").exists()
    person = cast_files.load_cast(cast).find_person("Anna")
    assert (person.consents, person.reference, person.vectors) == ((), None, ())

    made = len(service.made)
    again = dub(source, chosen)
    left = next(one for one in again.script.speakers if one.id == anna.id)
    assert not left.consent
    assert not left.voice.id.startswith("clone-")
    assert any(f"({anna.id}) is not cloned" in note for note in again.notes)
    assert len(service.made) - made <= 2, "the others may be cloned again, she is not"


def test_a_consent_for_other_films_or_territories_clones_nobody(service, cast_file, tmp_path):
    cast = Path(shutil.copytree(cast_file.parent, tmp_path / "cast")) / cast_file.name
    whole = cast_files.load_cast(cast)
    scopes = ({"films": ("Another film",)}, {"territories": ("FR",)}, {"films": ("to*",)})
    scoped = tuple(
        replace(one, consents=tuple(replace(record, **scope) for record in one.consents))
        for one, scope in zip(whole.people, scopes, strict=True)
    )
    cast_files.save_cast(replace(whole, people=scoped), cast)
    done = dub(film(tmp_path / "dub", cast_file), settings(cast, service.server.url, territories="FR,US"))
    cloned = {one.name: bool(one.consent) for one in done.script.speakers}
    assert cloned == {"Anna": False, "Ben": False, "Clara": True}
    assert any("the consent is for Another film, not toy" in note for note in done.notes)
    assert any("the consent is for FR, not US" in note for note in done.notes)
