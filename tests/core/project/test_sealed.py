"""Stored values carry a checksum: a flipped digit makes them absent, not wrong."""

from __future__ import annotations

import msgspec
import pytest

from rythmo.project.ledger import Ledger
from rythmo.project.sealed import seal, unseal
from rythmo.project.workspace import Artefacts
from rythmo.script import store


@pytest.mark.parametrize("data", [b"", b"[1,2]", b'"text\\n#12345678"'])
def test_what_is_sealed_comes_back(data):
    assert unseal(seal(data)) == data


def test_any_flipped_byte_is_seen_here_or_by_the_decoder():
    whole = seal(b'{"a":[17,25]}')
    for at in range(len(whole)):
        for flip in (1, 0x10, 0x80):
            data = bytearray(whole)
            data[at] ^= flip
            with pytest.raises(msgspec.MsgspecError):
                store.decode_json(unseal(bytes(data)), dict[str, list[int]])


def test_values_of_an_older_version_are_read(tmp_path):
    artefacts = Artefacts(tmp_path)
    path = artefacts.path("k", "a", ".json")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"[3]")
    assert artefacts.value("k", "a", tuple[int, ...], lambda: (4,)) == (3,)
    (tmp_path / "l.json").write_bytes(b'{"x":5}')
    assert Ledger(tmp_path / "l.json", int).value("x", lambda: 6) == 5


def test_a_flipped_digit_is_measured_again(tmp_path):
    artefacts = Artefacts(tmp_path)
    artefacts.value("k", "a", tuple[int, ...], lambda: (11,))
    path = artefacts.path("k", "a", ".json")
    path.write_bytes(path.read_bytes().replace(b"11", b"91"))
    assert artefacts.value("k", "a", tuple[int, ...], lambda: (12,)) == (12,)
    ledger = Ledger(tmp_path / "l.json", int)
    ledger.value("x", lambda: 7)
    ledger.save()
    path = tmp_path / "l.json"
    path.write_bytes(path.read_bytes().replace(b"7", b"9", 1))
    assert Ledger(path, int).value("x", lambda: 8) == 8
