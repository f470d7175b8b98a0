"""What `read_provenance` says of files: valid, changed, not signed, signed by unknown; and of their chain."""

from __future__ import annotations

import random
import shutil

import pytest

from rythmo.errors import InputError
from rythmo.provenance import machine_certificate
from rythmo.provenance.claims import Claim, Origin
from rythmo.provenance.manifest import LABEL
from rythmo.provenance.reading import find_manifests, read_provenance
from rythmo.provenance.signing import hash_content
from rythmo.provenance.verdict import State


def edited(title):
    return Claim(title, "composite", ("Rythmo", "9"), ("Rythmo", "9"), {"dub": title}, edited=True)


def test_a_signed_sound_tells_what_was_claimed(signer, wave, claim):
    signer.sign_inside(wave, claim)
    found = read_provenance(wave)
    assert (found.state, found.own, found.problems) == (State.VALID, True, ())
    assert (found.program, found.source_type) == ("Rythmo 9", "trainedAlgorithmicMedia")
    assert (found.actions, found.facts) == (("c2pa.created",), {"lines": []})
    assert found.signer == signer.credentials.name


def test_on_another_machine_its_signer_is_unknown(signer, wave, claim, monkeypatch, tmp_path):
    signer.sign_inside(wave, claim)
    chain = machine_certificate.read_machine_chain()
    monkeypatch.setenv("RYTHMO_HOME", str(tmp_path / "elsewhere"))
    found = read_provenance(wave)
    assert (found.state, found.own) == (State.UNKNOWN_SIGNER, False)
    known = read_provenance(wave, [chain])
    assert (known.state, known.own) == (State.VALID, False)
    machine_certificate.load_machine_credentials()
    assert read_provenance(wave).state is State.UNKNOWN_SIGNER, "another machine's own certificate"


def test_every_flipped_byte_shows(signer, wave, claim):
    size = wave.stat().st_size
    signer.sign_inside(wave, claim)
    signed = wave.read_bytes()
    for at in sorted({*range(4, 12), size - 1, *random.Random(1).sample(range(12, size), 40)}):
        wave.write_bytes(signed[:at] + bytes([signed[at] ^ 4]) + signed[at + 1 :])
        found = read_provenance(wave)
        assert found.state is State.CHANGED, at
        assert found.problems
    # The manifest has padding, which no hash covers: a changed byte there changes nothing that is claimed.
    told = set()
    for at in range(size, len(signed), 90):
        wave.write_bytes(signed[:at] + bytes([signed[at] ^ 4]) + signed[at + 1 :])
        found = read_provenance(wave)
        told.add(found.state)
        assert found.state is State.CHANGED or found.facts == {"lines": []}
    assert told <= {State.CHANGED, State.VALID}
    wave.write_bytes(signed[: len(signed) // 2])
    assert read_provenance(wave).state is State.UNSIGNED, "cut off with its manifest, which lies at the end"
    wave.write_bytes(signed[:-100])
    assert read_provenance(wave).state is State.CHANGED


def test_files_without_a_manifest_are_not_signed(wave, film, tmp_path):
    (tmp_path / "film.mxf").write_bytes(bytes(100))
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("no film")
    for path in (wave, film, tmp_path / "film.mxf", tmp_path / "empty.wav", tmp_path / "text.mp4"):
        assert read_provenance(path).state is State.UNSIGNED
    assert read_provenance(tmp_path / "film.mxf").problems == ("C2PA has no way to sign this kind of file.",)
    with pytest.raises(InputError, match="There is no file"):
        read_provenance(tmp_path / "gone.wav")


def test_a_manifest_is_found_beside_a_file_and_in_its_project(signer, wave, claim, tmp_path):
    root = tmp_path / "film.rythmo"
    stem = root / "stems" / "DX.wav"
    stem.parent.mkdir(parents=True)
    shutil.copyfile(wave, stem)
    manifest = root / "deliver" / "es" / "provenance" / "stems" / "DX.c2pa"
    signer.sign_beside(stem, manifest, claim)
    assert find_manifests(stem) == [manifest]
    assert (read_provenance(stem).state, read_provenance(stem).beside) == (State.VALID, str(manifest))
    away = tmp_path / "handed over.wav"
    shutil.copyfile(stem, away)
    assert read_provenance(away).state is State.UNSIGNED
    shutil.copyfile(manifest, away.with_suffix(".c2pa"))
    assert read_provenance(away).state is State.VALID
    with away.open("r+b") as file:
        file.seek(9000)
        file.write(b"?")
    assert read_provenance(away).state is State.CHANGED
    manifest.write_bytes(b"nonsense")
    assert read_provenance(stem).state is State.CHANGED


def test_the_chain_of_ingredients_grows_with_each_edit(signer, film, tmp_path):
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    shutil.copyfile(film, first)
    shutil.copyfile(film, second)
    sha = hash_content(film)
    signer.sign_inside(
        first, edited("first.mp4"), [Origin("toy.mp4", sha, str(film), "video/mp4", parent=True)]
    )
    origins = [
        Origin("first.mp4", hash_content(first), str(first), "video/mp4", parent=True),
        Origin("music.mkv", "cd" * 32, "", "video/x-matroska"),
    ]
    signer.sign_inside(second, edited("second.mp4"), origins)
    found = read_provenance(second)
    assert found.state is State.VALID
    chain = {(one.title, one.relation, one.depth, one.signed) for one in found.ancestors}
    assert chain == {
        ("first.mp4", "parentOf", 1, True),
        ("toy.mp4", "parentOf", 2, False),
        ("music.mkv", "componentOf", 1, False),
    }
    assert {one.sha256 for one in found.ancestors} == {sha, hash_content(first), "cd" * 32}
    assert found.facts == {"dub": "second.mp4"}


def test_a_changed_source_stays_visible_in_what_was_made_of_it(signer, film, tmp_path):
    source, made = tmp_path / "source.mp4", tmp_path / "made.mp4"
    shutil.copyfile(film, source)
    shutil.copyfile(film, made)
    signer.sign_inside(source, edited("source.mp4"), [Origin("toy.mp4", "ab", parent=True)])
    with source.open("r+b") as file:
        file.seek(40_000)
        file.write(b"tampered")
    origin = Origin("source.mp4", hash_content(source), str(source), "video/mp4", parent=True)
    signer.sign_inside(made, edited("made.mp4"), [origin])
    found = read_provenance(made)
    assert found.state is State.VALID, "of itself it is whole"
    first, above = found.ancestors
    assert (first.title, first.signed, first.changed) == ("source.mp4", True, True)
    assert (above.title, above.depth, above.changed) == ("toy.mp4", 2, False)


def test_a_statement_of_another_program_is_not_taken_for_ours(signer, wave):
    strange = Claim("x", "composite", ("Other", "1"), ("Other", "1"), {"lines": "many", "speakers": 3})
    signer.sign_inside(wave, strange)
    found = read_provenance(wave)
    assert (found.program, found.facts) == ("Other 1", {"lines": "many", "speakers": 3})
    assert LABEL == "org.rythmodub.statement"
