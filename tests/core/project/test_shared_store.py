"""A store that several machines share, at a folder and at an address."""

from __future__ import annotations

import numpy as np
import pytest

from rythmo.errors import InputError, OutputError
from rythmo.media.audio import Audio
from rythmo.media.wav import write_wav
from rythmo.project.shared_store import open_store
from rythmo.project.workspace import Artefacts

KEY = "ab" * 16


@pytest.fixture(params=["folder", "file", "memory"])
def address(request, tmp_path):
    if request.param == "memory":
        pytest.importorskip("fsspec")
        return f"memory://{tmp_path.name}"
    return str(tmp_path / "store") if request.param == "folder" else f"file://{tmp_path / 'store'}"


def tone(path):
    write_wav(path, Audio(np.full((1, 480), 0.25, np.float32), 48_000), subtype="PCM_24")


def must_not_make(*_):
    pytest.fail("made again")


def test_what_one_machine_made_another_one_finds(address, tmp_path):
    one, other = (Artefacts(tmp_path / name, store=open_store(address)) for name in ("one", "other"))
    assert one.value("words", KEY, tuple[int, ...], lambda: (1, 2)) == (1, 2)
    made = one.file("voice", KEY, ".wav", tone)
    assert other.value("words", KEY, tuple[int, ...], must_not_make) == (1, 2)
    assert other.has_sound("voice", KEY)
    assert other.file("voice", KEY, ".wav", must_not_make).read_bytes() == made.read_bytes()


def test_facts_about_a_machines_own_files_are_not_shared(address, tmp_path):
    one, other = (Artefacts(tmp_path / name, store=open_store(address)) for name in ("one", "other"))
    one.value("source", KEY, str, lambda: "mine")
    assert other.value("source", KEY, str, lambda: "its own") == "its own"


def test_a_file_that_was_cut_short_on_its_way_is_made_again(address, tmp_path):
    store = open_store(address)
    cut = tmp_path / "cut.wav"
    tone(cut)
    cut.write_bytes(cut.read_bytes()[:-100])
    store.put(f"voice/{KEY}.wav", cut)
    cache = Artefacts(tmp_path / "one", store=store)
    assert not cache.has_sound("voice", KEY)
    made = cache.file("voice", KEY, ".wav", tone)
    assert Artefacts(tmp_path / "other", store=store).file(
        "voice", KEY, ".wav", must_not_make
    ).read_bytes() == (made.read_bytes())


def test_no_address_is_no_store():
    assert open_store("") is None


def test_an_unknown_protocol_is_told():
    pytest.importorskip("fsspec")
    with pytest.raises(InputError, match="cannot be opened") as caught:
        open_store("no-such-protocol://bucket/x")
    assert "every machine" in caught.value.hint


class Broken:
    """A file system whose service is down."""

    def exists(self, _path):
        raise ConnectionResetError("connection reset by peer\nwith a long trace")


def test_a_service_that_is_down_is_one_error_with_the_address(tmp_path):
    from rythmo.project.shared_store import SharedStore

    cache = Artefacts(tmp_path, store=SharedStore("s3://bucket/films", "bucket/films", Broken()))
    with pytest.raises(
        OutputError, match="s3://bucket/films cannot be read: connection reset by peer"
    ) as caught:
        cache.value("words", KEY, int, must_not_make)
    assert "Finished work is kept" in caught.value.hint
