"""How a signed file differs from the unsigned one is enough to make it again."""

from __future__ import annotations

import os
import random
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.provenance import kept_signatures
from rythmo.provenance.kept_signatures import find_difference, open_kept

BODY = random.Random(3).randbytes(3 << 20)
PLAIN = b"RIFFsizeWAVE" + BODY


@pytest.fixture
def kept(tmp_path):
    with open_kept(tmp_path / "kept") as found:
        yield found


@pytest.mark.parametrize(
    "signed",
    [
        PLAIN,
        b"RIFFSIZEWAVE" + BODY + b"C2PA manifest",  # as a WAVE file is signed
        b"ftyp uuid manifest, moov with other offsets" + BODY,  # as a film is
        b"something else",
        b"",
    ],
)
def test_the_signed_file_comes_back_to_the_byte(tmp_path, kept, signed):
    plain, copy = tmp_path / "plain", tmp_path / "signed"
    plain.write_bytes(PLAIN)
    copy.write_bytes(signed)
    kept.keep("a", plain, copy)
    assert kept.restore("a", plain)
    assert plain.read_bytes() == signed


def test_what_is_kept_is_small(tmp_path):
    for name, data in (("plain", PLAIN), ("signed", b"moov" * 50 + BODY)):
        (tmp_path / name).write_bytes(data)
    found = find_difference(tmp_path / "plain", tmp_path / "signed")
    assert (found.head, found.tail, found.length) == (b"moov" * 50, b"", len(BODY))


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=40))
def test_any_two_files(tmp_path_factory, one, other, shared):
    folder = tmp_path_factory.mktemp("pair", numbered=True)
    plain, copy = folder / "plain", folder / "signed"
    plain.write_bytes(one + shared)
    copy.write_bytes(other + shared)
    found = find_difference(plain, copy)
    same = plain.read_bytes()[found.start : found.start + found.length]
    assert found.head + same + found.tail == other + shared
    assert found.length >= len(shared)


def test_another_content_or_a_damaged_entry_counts_as_none(tmp_path, kept):
    plain, copy = tmp_path / "plain", tmp_path / "signed"
    plain.write_bytes(PLAIN)
    copy.write_bytes(b"head" + BODY)
    kept.keep("a", plain, copy)
    plain.write_bytes(PLAIN[:-1] + b"?")
    assert not kept.restore("a", plain)
    assert not kept.restore("b", plain)
    assert plain.read_bytes() == PLAIN[:-1] + b"?"
    kept.keep_manifest("a", kept.read_manifest("a")[:30])
    plain.write_bytes(PLAIN)
    assert not kept.restore("a", plain)
    assert plain.read_bytes() == PLAIN


def test_it_lasts_is_private_and_a_damaged_file_is_begun_anew(tmp_path):
    with pytest.raises(KeyError), open_kept(tmp_path) as kept:
        kept.keep_manifest("a", b"manifest")
        raise KeyError
    (file,) = tmp_path.glob("*.db")
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600
    with open_kept(tmp_path) as kept, open_kept(tmp_path) as other:
        assert kept.read_manifest("a") == other.read_manifest("a") == b"manifest"
    file.write_bytes(b"not a database" * 1000)
    with open_kept(tmp_path) as kept:
        assert kept.read_manifest("a") is None


def test_a_file_is_hashed_again_when_it_was_changed(tmp_path, kept):
    file, asked = tmp_path / "stem.wav", []

    def make(path):
        asked.append(path)
        return path.read_text()

    file.write_text("one")
    assert [kept.digest(file, make) for _ in range(3)] == ["one"] * 3
    assert len(asked) == 1
    file.write_text("other")
    assert kept.digest(file, make) == "other"


def test_what_was_used_longest_ago_is_forgotten_first(kept, monkeypatch):
    monkeypatch.setattr(kept_signatures, "_MOST_KEPT_BYTES", 25)
    for name in "abc":
        kept.keep_manifest(name, b"ten bytes.")
    assert kept.read_manifest("a")
    kept.forget_oldest()
    assert [bool(kept.read_manifest(name)) for name in "abc"] == [True, False, True]


def test_two_files_that_share_little_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_signatures, "_MOST_BYTES", 1000)
    (tmp_path / "plain").write_bytes(PLAIN)
    (tmp_path / "signed").write_bytes(random.Random(4).randbytes(2000))
    assert find_difference(tmp_path / "plain", tmp_path / "signed") is None
