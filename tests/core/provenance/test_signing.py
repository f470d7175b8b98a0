"""Signed sounds and films: read by c2pa's own reader, whole inside, and the same bytes a second time."""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import struct
import subprocess
from datetime import UTC, datetime, timedelta

import c2pa
import pytest
import soundfile
from timestamp_authority import OPENSSL, timestamping
from wavinfo import WavInfoReader

from rythmo.errors import SigningError
from rythmo.media import ffmpeg, riff
from rythmo.media.probe import probe
from rythmo.provenance.claims import Claim, Origin
from rythmo.provenance.kept_signatures import open_kept
from rythmo.provenance.machine_certificate import load_machine_credentials
from rythmo.provenance.reading import read_provenance
from rythmo.provenance.signing import Signer, hash_content
from rythmo.provenance.verdict import State

FILM = Claim(
    "film.mp4", "compositeWithTrainedAlgorithmicMedia", ("Rythmo", "9"), ("Rythmo", "9"), edited=True
)


def read(data: bytes, kind: str, manifest: bytes | None = None) -> dict:
    """What c2pa's own reader says, without any certificate that it knows."""
    with c2pa.Reader(kind, io.BytesIO(data), *([manifest] if manifest else [])) as reader:
        return json.loads(reader.json())


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_sound_is_valid_and_one_byte_more_or_less_is_not(signer, wave, claim):
    plain = wave.read_bytes()
    signer.sign_inside(wave, claim)
    signed = wave.read_bytes()
    assert read(signed, "audio/wav")["validation_state"] == "Valid"
    offset = riff.read_header(wave).data_offset
    for at in (offset, len(plain) - 1, *random.Random(1).sample(range(offset, len(plain)), 6)):
        assert read(flipped(signed, at), "audio/wav")["validation_state"] == "Invalid"


def test_a_sound_keeps_samples_bext_and_ixml(signer, wave, claim):
    before, samples = WavInfoReader(str(wave)), soundfile.read(wave, dtype="int32")[0]
    header = riff.read_header(wave)
    signer.sign_inside(wave, claim)
    after = WavInfoReader(str(wave))
    assert after.bext.to_dict() == before.bext.to_dict()
    assert after.bext.time_reference == 172_800_000
    assert after.ixml.take == "S1_0001"
    assert (soundfile.read(wave, dtype="int32")[0] == samples).all()
    assert riff.read_header(wave).data_offset == header.data_offset


def packets(path):
    """Every packet of every stream, as ffmpeg's own reader sees it: times, sizes and hashes."""
    command = [ffmpeg.find_executable(), "-v", "error", "-i", str(path), "-map", "0", "-c", "copy"]
    return subprocess.run([*command, "-f", "framemd5", "-"], capture_output=True, check=True).stdout


def boxes(data: bytes, kind: bytes) -> list[bytes]:
    """The content of all boxes of that kind, wherever they lie."""
    found, at = [], data.find(kind)
    while at >= 0:
        found.append(data[at : at + struct.unpack(">I", data[at - 4 : at])[0] - 4])
        at = data.find(kind, at + 4)
    return found


def test_a_film_keeps_packets_timecode_and_edit_lists(signer, film, tmp_path):
    made = tmp_path / "film.mp4"
    shutil.copyfile(film, made)
    before, facts = packets(made), probe(made)
    lists = boxes(made.read_bytes(), b"elst")
    assert lists
    origin = Origin("toy.mp4", hash_content(film), str(film), "video/mp4", parent=True)
    signer.sign_inside(made, FILM, [origin])
    assert packets(made) == before
    assert boxes(made.read_bytes(), b"elst") == lists
    after = probe(made)
    assert after.start_timecode == facts.start_timecode
    assert after.start_timecode is not None
    assert (after.duration, after.video.frame_rate) == (facts.duration, facts.video.frame_rate)
    found = read(made.read_bytes(), "video/mp4")
    assert found["validation_state"] == "Valid"
    (parent,) = found["manifests"][found["active_manifest"]]["ingredients"]
    assert parent["relationship"] == "parentOf"
    assert parent["description"] == f"sha256 {hash_content(film)}"


def test_a_flipped_byte_of_a_film_shows_wherever_it_lies(signer, film, tmp_path):
    made = tmp_path / "film.mp4"
    shutil.copyfile(film, made)
    signer.sign_inside(made, FILM, [Origin("toy.mp4", "aa", parent=True)])
    signed = made.read_bytes()
    # By C2PA's rules the first box, which only says what kind of file it is, is outside the hash.
    first = struct.unpack(">I", signed[:4])[0]
    for at in random.Random(2).sample(range(first + 8, len(signed)), 40):
        with contextlib.suppress(c2pa.C2paError):  # of a damaged manifest or index: the file is refused
            assert read(flipped(signed, at), "video/mp4")["validation_state"] == "Invalid"


def test_signing_again_gives_the_same_bytes_and_another_claim_does_not(signer, wave, claim):
    plain = wave.read_bytes()
    signer.sign_inside(wave, claim)
    once = wave.read_bytes()
    wave.write_bytes(plain)
    signer.sign_inside(wave, claim)
    assert wave.read_bytes() == once
    wave.write_bytes(plain)
    signer.sign_inside(wave, FILM, [Origin("a", "b", parent=True)])
    assert wave.read_bytes() != once


def test_a_manifest_beside_leaves_the_file_alone_and_fails_with_it(signer, wave, claim, tmp_path):
    plain, manifest = wave.read_bytes(), tmp_path / "take.c2pa"
    signer.sign_beside(wave, manifest, claim)
    data = manifest.read_bytes()
    assert wave.read_bytes() == plain
    assert read(plain, "audio/wav", data)["validation_state"] == "Valid"
    assert read(flipped(plain, 5000), "audio/wav", data)["validation_state"] == "Invalid"
    signer.sign_beside(wave, manifest, claim)
    assert manifest.read_bytes() == data
    manifest.write_bytes(data[:-1])
    signer.sign_beside(wave, manifest, claim)
    assert read(plain, "audio/wav", manifest.read_bytes())["validation_state"] == "Valid"


@pytest.mark.parametrize("path", ["", "gone.mp4", "text.mp4"])
def test_a_source_that_cannot_be_read_is_named_by_its_hash(signer, wave, tmp_path, path):
    (tmp_path / "text.mp4").write_text("not a film")
    where = str(tmp_path / path) if path else ""
    signer.sign_inside(wave, FILM, [Origin("master.mxf", "ab" * 32, where, "video/mp4", parent=True)])
    found = read(wave.read_bytes(), "audio/wav")
    (parent,) = found["manifests"][found["active_manifest"]]["ingredients"]
    assert (parent["title"], parent["description"]) == ("master.mxf", "sha256 " + "ab" * 32)
    assert found["validation_state"] == "Valid"


def test_kinds_that_c2pa_does_not_know_are_refused_by_name(signer, wave, claim, tmp_path):
    large = tmp_path / "large.wav"
    large.write_bytes(b"RF64\xff\xff\xff\xffWAVE" + bytes(100))
    (tmp_path / "film.mxf").write_bytes(bytes(100))
    for path in (large, tmp_path / "film.mxf"):
        before = path.read_bytes()
        with pytest.raises(SigningError, match=f"no way to sign {path.name}"):
            signer.sign_inside(path, claim)
        assert path.read_bytes() == before


def test_a_file_that_is_not_what_its_name_says_stays_as_it_is(signer, claim, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"this is no sound")
    with pytest.raises(SigningError, match=r"broken\.wav cannot be signed"):
        signer.sign_inside(broken, claim)
    assert broken.read_bytes() == b"this is no sound"
    assert not list(tmp_path.glob(".rythmo-*"))


def write_pdf(path):
    """A page with a line of text, as the oldest readers know it."""
    text = b"BT /F1 24 Tf 72 700 Td (Cue sheet) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    path.write_bytes(data + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (size, table, end))
    return path


def test_a_paper_is_signed_with_its_words_in_place(signer, tmp_path):
    paper, again = (write_pdf(tmp_path / name) for name in ("cues.pdf", "again.pdf"))
    claim = Claim("cues.pdf", "compositeWithTrainedAlgorithmicMedia", ("Rythmo", "9"), ("Rythmo", "9"))
    signer.sign_inside(paper, claim)
    signer.sign_inside(again, claim)
    data = paper.read_bytes()
    assert again.read_bytes() == data
    assert read(data, "application/pdf")["validation_state"] == "Valid"
    words = data.index(b"Cue sheet")
    assert read(flipped(data, words), "application/pdf")["validation_state"] == "Invalid"


@pytest.mark.skipif(OPENSSL is None, reason="openssl makes the tokens")
def test_the_time_of_an_authority_is_in_the_file_and_judged_by_its_certificate(wave, claim, tmp_path):
    (tmp_path / "scratch").mkdir()
    with timestamping(tmp_path / "tsa") as (url, asked), open_kept(tmp_path / "kept") as kept:
        signer = Signer(load_machine_credentials(timestamp=url), kept, tmp_path / "scratch")
        signer.sign_inside(wave, claim)
    assert len(asked) == 1
    assert len(asked[0]) < 200, "only a hash is sent"
    found = read_provenance(wave)
    assert found.state is State.VALID
    assert abs(datetime.fromisoformat(found.signed_at) - datetime.now(UTC)) < timedelta(minutes=5)
    assert not found.time_known
    assert read_provenance(wave, [(tmp_path / "tsa" / "issuer.pem").read_text()]).time_known
