"""A dub with lips, signed: what its film and its clips say of them, read back."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date

import pytest
from face_film import write_film
from face_scene import SETTINGS, SHOTS, SPEECH

from rythmo.casting.cast_file import Cast, Person, save_cast
from rythmo.casting.face_consent import FaceConsent
from rythmo.cli import main
from rythmo.dubbing import picture_requests, pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.lips.lip_settings import LipSettings
from rythmo.provenance.reading import read_provenance
from rythmo.provenance.verdict import State
from rythmo.settings import CastSettings, DeliverSettings
from rythmo.stages.lips import load_lips

pytest.importorskip("c2pa")
pytestmark = pytest.mark.usefixtures("signed_deliveries")


@pytest.fixture(scope="module")
def done(signed_deliveries, tmp_path_factory):
    """Red's lips, in clips and in the film."""
    folder = tmp_path_factory.mktemp("signed-lips")
    film = write_film(folder / "faces.mp4", SHOTS[:1], SPEECH[:1])
    leave = FaceConsent("Red", "Red", "Studio", "this film", ("es",), date(2999, 1, 1))
    save_cast(Cast((Person("Red", face_consents=(leave,)),), folder), folder / "cast.toml")
    made = pipeline.dub(Job(film, "es", "en", folder), SETTINGS, engines=fakes.specs())
    script = made.project.load()
    speakers = tuple(replace(one, name="Red", edited=("name",)) for one in script.speakers)
    made.project.save(replace(script, speakers=speakers))
    settings = replace(
        SETTINGS,
        cast=CastSettings(str(folder / "cast.toml")),
        lips=LipSettings(make=True, burn=True, clips="prores", handles=5, library=8),
        deliver=DeliverSettings("otio,mp4"),
    )
    return picture_requests.make_lips(made.project, settings, engines=fakes.specs())


def read(path):
    verdict = read_provenance(path)
    assert (verdict.state, verdict.own) == (State.VALID, True)
    return verdict


def test_the_film_with_lips_says_so_and_the_other_film_does_not(done) -> None:
    films = {path.name: read(path) for path in done.deliveries if path.suffix == ".mp4"}
    burnt, plain = films["faces.es.lips.mp4"], films["faces.es.mp4"]
    assert burnt.actions.count("c2pa.edited") == 2
    assert plain.actions.count("c2pa.edited") == 1
    assert burnt.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert burnt.facts["lips"]["faces"][0]["consent"]["face_of"] == "Red"
    assert burnt.facts["lips"]["lines"] == list(load_lips(done.project).clips[0].lines)
    assert "lips" not in plain.facts


def test_a_clip_has_its_manifest_beside_it_and_a_changed_one_is_found(done, tmp_path) -> None:
    (clip,) = load_lips(done.project).clips
    path = done.project.root / clip.file
    verdict = read(path)
    assert verdict.beside.endswith(f"{clip.name}.c2pa")
    assert verdict.facts["lips"]["engine"] == "toy-lipsync 1"
    assert clip.file in done.signed.beside
    copy = tmp_path / path.name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    shutil.copy(verdict.beside, copy.with_suffix(".c2pa"))
    assert read_provenance(copy).state is State.CHANGED


def test_the_command_tells_of_lips_in_words_and_for_programs(done, capsys) -> None:
    film = next(path for path in done.deliveries if path.name.endswith(".lips.mp4"))
    assert main(["provenance", str(film)]) == 0
    shown = capsys.readouterr().out
    assert "changed lips" in shown
    assert "generated" in shown
    assert "Red, consent record" in shown
    assert main(["provenance", "--json", str(film)]) == 0
    (found,) = json.loads(capsys.readouterr().out.splitlines()[-1])["files"]
    assert found["facts"]["lips"]["made_from"] == "generated"
