"""What is signed of a dub's deliveries, by whom, and that the project itself stays as it is."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import toy
from studio_certificate import write_studio

from rythmo.dubbing import pipeline, signed_deliveries
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.errors import SigningError, UsageError
from rythmo.project.workspace import Project
from rythmo.provenance.provenance_settings import ProvenanceSettings
from rythmo.provenance.reading import read_provenance
from rythmo.provenance.record import read_record, summarise
from rythmo.provenance.signing import Signer
from rythmo.provenance.verdict import State
from rythmo.script import edits
from rythmo.settings import DeliverSettings, Settings

pytest.importorskip("c2pa")
pytestmark = pytest.mark.usefixtures("signed_deliveries")
SETTINGS = Settings(deliver=DeliverSettings("otio,srt,mp4,edl"))


def dub(source, out, settings=SETTINGS, language="es"):
    job = Job(source=source, out=out, target_language=language, source_language="en")
    return pipeline.dub(job, settings, engines=fakes.specs())


def deliver(project, settings=SETTINGS, change=lambda script: script):
    return pipeline.redo(project, change(project.load()), settings, engines=fakes.specs())


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")


@pytest.fixture(scope="module")
def done(film, tmp_path_factory):
    settings = replace(SETTINGS, turnover=replace(SETTINGS.turnover, stems=True))
    return dub(film, tmp_path_factory.mktemp("done"), settings)


@pytest.fixture
def project(done, tmp_path):
    return Project(Path(shutil.copytree(done.project.root, tmp_path / done.project.root.name)))


def sounds(root):
    return sorted(path for path in root.rglob("*.wav") if "cache" not in path.parts)


def content(root, *parts):
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in parts
        for path in sorted((root / part).rglob("*"))
        if path.is_file()
    }


def test_film_stems_and_takes_are_signed_and_say_what_they_are(done):
    root, deliver_ = done.project.root, done.project.root / "deliver" / "es"
    film = read_provenance(deliver_ / "toy.es.mp4")
    assert (film.state, film.own) == (State.VALID, True)
    assert film.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert [(one.title, one.relation) for one in film.ancestors] == [("toy.mp4", "parentOf")]
    assert (
        film.ancestors[0].sha256
        == hashlib.sha256(Path(done.script.programme.source).read_bytes()).hexdigest()
    )
    heard = [
        path
        for path in sounds(root)
        if path.parent != root / "takes"
        or path.stem in {f"{line.id}_{line.take.id}" for line in done.script.lines}
    ]
    assert len(heard) > 20
    verdicts = {path: read_provenance(path) for path in heard}
    assert {one.state for one in verdicts.values()} == {State.VALID}
    assert len(done.signed.inside) + len(done.signed.beside) == len(heard) + 1
    assert not verdicts[deliver_ / "turnover" / "toy_es_MIX.wav"].beside
    assert verdicts[root / "stems" / "MIX.wav"].beside
    take = next(one for path, one in verdicts.items() if path.parent == deliver_ / "media")
    assert (take.source_type, len(take.facts["lines"])) == ("trainedAlgorithmicMedia", 1)
    assert summarise(done.signed).endswith("signed by a certificate made on this machine (C2PA).")


def test_a_stem_of_the_project_that_was_changed_no_longer_fits_its_manifest(project):
    stem = project.root / "stems" / "DX.wav"
    with stem.open("r+b") as file:
        file.seek(5000)
        file.write(b"\x01\x02\x03")
    assert read_provenance(stem).state is State.CHANGED


def test_a_second_delivery_gives_the_same_bytes_also_after_files_were_deleted(project):
    deliver(project)
    before = content(project.root, "deliver", "stems", "takes")
    deliver(project)
    assert content(project.root, "deliver", "stems", "takes") == before
    (project.root / "deliver" / "es" / "toy.es.mp4").unlink()
    shutil.rmtree(project.root / "deliver" / "es" / "media")
    deliver(project)
    assert content(project.root, "deliver", "stems", "takes") == before


def test_the_project_is_the_same_signed_or_not(film, done, tmp_path):
    plain = dub(film, tmp_path, replace(SETTINGS, provenance=ProvenanceSettings(sign=False)))
    assert content(plain.project.root, "stems", "takes") == content(done.project.root, "stems", "takes")
    assert read_provenance(plain.project.root / "deliver" / "es" / "toy.es.mp4").state is State.UNSIGNED
    assert not (plain.project.root / "deliver" / "es" / "provenance").exists()
    assert summarise(plain.signed) == "Not signed: --no-sign."


def test_an_edit_and_its_undo_sign_only_what_changed(project, monkeypatch):
    deliver(project)
    film = project.root / "deliver" / "es" / "toy.es.mp4"
    before, asked, sign = film.read_bytes(), [], Signer._sign

    def counted(self, source, *rest, **more):
        asked.append(source.name)
        return sign(self, source, *rest, **more)

    monkeypatch.setattr(Signer, "_sign", counted)
    script = project.load()
    line = script.lines[0]
    deliver(project, change=lambda script: edits.edit_line(script, line.id, translation="otra cosa"))
    assert film.read_bytes() != before
    assert "toy.es.mp4" in asked
    assert not [name for name in asked if name.startswith(("DX_S2", "S2"))]
    asked.clear()
    deliver(project, change=lambda _: script)
    assert not asked
    assert film.read_bytes() == before, "the same film again is signed with the same bytes"


def test_a_delivery_that_was_killed_while_signing_is_finished_by_the_next(project, monkeypatch):
    shutil.rmtree(project.root / "deliver")
    sign, count = Signer.sign_inside, []

    def killed(self, path, *rest):
        count.append(path)
        if len(count) == 3:
            raise KeyboardInterrupt
        sign(self, path, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Signer, "sign_inside", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(project)
    deliver(project)
    files = [project.root / "deliver" / "es" / "toy.es.mp4", *sounds(project.root / "deliver")]
    assert {read_provenance(path).state for path in files} == {State.VALID}
    assert not list(project.root.rglob(".rythmo-*"))


def test_a_film_that_was_dubbed_again_keeps_the_chain(done, tmp_path):
    source = Path(shutil.copy(done.project.root / "deliver" / "es" / "toy.es.mp4", tmp_path / "spanish.mp4"))
    again = dub(source, tmp_path / "again", language="pt")
    found = read_provenance(again.project.root / "deliver" / "pt" / "spanish.pt.mp4")
    assert [(one.title, one.depth, one.signed) for one in found.ancestors] == [
        ("spanish.mp4", 1, True),
        ("toy.mp4", 2, False),
    ]
    assert found.facts["language"] == "pt"


def test_a_second_language_and_a_delivery_after_an_edit_name_the_source(film, project):
    dub(film, project.root.parent, language="pt")
    deliver(project, change=lambda script: edits.edit_line(script, script.lines[1].id, translation="otra"))
    for path in ("deliver/es/toy.es.mp4", "languages/pt/deliver/pt/toy.pt.mp4"):
        found = read_provenance(project.root / path)
        assert (found.state, [one.title for one in found.ancestors]) == (State.VALID, ["toy.mp4"])
    changed = {
        line["id"]: line["translation"]
        for line in read_provenance(project.root / "deliver/es/toy.es.mp4").facts["lines"]
    }
    assert sorted(changed.values()).count("person") == 1


def test_a_timeline_and_its_media_are_all_named(film, tmp_path):
    first = dub(film, tmp_path / "first")
    timeline = first.project.root / "deliver" / "es" / "toy.es.otio"
    again = dub(timeline, tmp_path / "again", language="pt")
    stem = read_provenance(again.project.root / "stems" / "MIX.wav")
    assert stem.state is State.VALID
    relations = {one.title: one.relation for one in stem.ancestors if one.depth == 1}
    assert relations["toy.es.otio"] == "parentOf"
    assert relations["toy.mp4"] == "componentOf"


def test_the_key_is_never_written_to_the_project(film, tmp_path):
    certificate, key, issuer = write_studio(tmp_path / "studio")
    own = ProvenanceSettings(certificate=str(certificate), key=str(key))
    result = dub(film, tmp_path / "out", replace(SETTINGS, provenance=own))
    found = read_provenance(result.project.root / "deliver" / "es" / "toy.es.mp4", [issuer.read_text()])
    assert (found.state, found.signer) == (State.VALID, "Studio Example")
    secret = key.read_bytes().splitlines()[1]
    for path in result.project.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert secret not in data, path
            assert str(key).encode() not in data, path
    text = replace(own, key=key.read_text())
    deliver(result.project, replace(SETTINGS, provenance=text))
    assert read_record(result.project.root, result.script).signer == "Studio Example"


def test_without_the_library_everything_is_delivered_and_the_lack_is_named(project, monkeypatch):
    monkeypatch.setattr(signed_deliveries, "is_installed", lambda: False)
    result = deliver(project)
    assert "rythmo[provenance]" in summarise(result.signed)
    assert read_provenance(project.root / "deliver" / "es" / "toy.es.mp4").state is State.UNSIGNED
    monkeypatch.setattr("rythmo.provenance.signing_choice.is_installed", lambda: False)
    own = replace(SETTINGS, provenance=ProvenanceSettings(certificate="a", key="b"))
    with pytest.raises(SigningError, match="Signing needs c2pa-python"):
        deliver(project, own)


def test_a_key_that_does_not_fit_is_refused_before_any_work(film, tmp_path):
    own = ProvenanceSettings(certificate="nowhere.pem", key="nowhere.pem")
    with pytest.raises(UsageError, match=r"nowhere\.pem, cannot be read"):
        dub(film, tmp_path / "out", replace(SETTINGS, provenance=own))
    assert not (tmp_path / "out").exists()


def test_a_timestamp_authority_that_is_not_there_is_named(project):
    asked = ProvenanceSettings(timestamp="http://127.0.0.1:9/")
    result = deliver(project, replace(SETTINGS, provenance=asked))
    assert not result.signed.inside
    assert "is not signed" in summarise(result.signed) or "are not signed" in summarise(result.signed)
    assert read_provenance(project.root / "deliver" / "es" / "toy.es.mp4").state is State.UNSIGNED
