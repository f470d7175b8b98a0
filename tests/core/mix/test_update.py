"""An edit of one line: the same bytes as a whole render, and nothing lost in a crash."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import CancelledError
from rythmo.media.bwf import BwfWriter, build_ixml
from rythmo.mix import journal
from rythmo.mix.mix_plan import DialogueStem, MixItem, MixPlan
from rythmo.mix.mixer import Master
from rythmo.mix.render import render_stems
from rythmo.mix.stem_update import RECORD, read_last_master, update_stems
from rythmo.progress import CancelToken

RATE = 48_000
LENGTH = 5 * RATE


def placed(folder: Path, name: str, length: int, level: int, version: int = 1) -> Path:
    """A placed sound whose header names what it was made from, as `place` writes it."""
    path = Path("takes", "placed", f"{name}_t{version:02}.wav")
    note = f"rythmo-placed {hash_of(name, length, level)}"
    with BwfWriter(folder / path, RATE, 1, None, build_ixml(note=note), length) as writer:
        writer.write((np.arange(length, dtype=np.int32)[np.newaxis] * 37) % (2 * level) - level)
    return path


def hash_of(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()


def make_plan(folder: Path, spans: list[tuple[str, int, int, int]]) -> MixPlan:
    """Items (speaker, start, length, level)."""
    by_speaker: dict[str, list[MixItem]] = {"S1": [], "S2": []}
    for index, (speaker, start, length, level) in enumerate(spans):
        name = f"L{index}"
        item = MixItem(name, placed(folder, name, length, level), start, start + length)
        by_speaker[speaker].append(item)
    stems = tuple(
        DialogueStem(s, tuple(sorted(i, key=lambda x: (x.start, x.line)))) for s, i in by_speaker.items()
    )
    return MixPlan("show", RATE, LENGTH, 2, 1000, stems, ((0, RATE),))


ME = np.stack([(np.arange(LENGTH) * 11) % 4_000_001 - 2_000_000] * 2).astype(np.int32)


def me(start: int, end: int) -> np.ndarray:
    return ME[:, start:end]


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.wav"))}


SPANS = [("S1", 1000, 40_000, 300_000), ("S2", 30_000, 50_000, 400_000), ("S1", 200_000, 30_000, 500_000)]


def test_an_edited_line_gives_the_bytes_of_a_whole_render(tmp_path):
    update_stems(make_plan(tmp_path, SPANS), tmp_path, me, me_key="a")
    edited = make_plan(tmp_path, [SPANS[0], ("S2", 30_000, 61_234, 900_000), SPANS[2]])
    done = update_stems(edited, tmp_path, me, me_key="a")
    assert done.spans != ((0, LENGTH),)
    assert sum(b - a for a, b in done.spans) < 70_000
    render_stems(edited, tmp_path, me, folder=tmp_path / "whole")
    assert contents(tmp_path / "stems") == contents(tmp_path / "whole")


def test_nothing_changed_touches_nothing(tmp_path):
    plan = make_plan(tmp_path, SPANS)
    update_stems(plan, tmp_path, me, me_key="a")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "stems").iterdir()}
    assert update_stems(plan, tmp_path, me, me_key="a").spans == ()
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "stems").iterdir()} == before


@pytest.mark.parametrize("change", ["me", "length", "master", "damaged", "missing"])
def test_what_cannot_be_patched_is_rendered_whole(tmp_path, change):
    plan = make_plan(tmp_path, SPANS)
    update_stems(plan, tmp_path, me, me_key="a")
    key, master = "a", Master()
    if change == "me":
        key = "b"
    elif change == "length":
        plan = replace(plan, length=LENGTH - 5)
    elif change == "master":
        master = Master(gain=0.5)
    elif change == "damaged":
        (tmp_path / "stems" / RECORD).write_text("{")
    else:
        (tmp_path / "stems" / "DX.wav").unlink()
    done = update_stems(plan, tmp_path, me, me_key=key, master=master)
    assert done.spans == ((0, plan.length),)
    render_stems(plan, tmp_path, me, folder=tmp_path / "whole", master=master)
    assert contents(tmp_path / "stems") == contents(tmp_path / "whole")


def test_the_gain_of_the_last_mix_is_known(tmp_path):
    plan = make_plan(tmp_path, SPANS)
    assert read_last_master(tmp_path) is None
    master = Master(gain=0.7, ceiling=0.8, true_peak=True)
    update_stems(plan, tmp_path, me, me_key="a", master=master)
    assert read_last_master(tmp_path) == master
    edited = make_plan(tmp_path, [SPANS[0], SPANS[1]])
    assert update_stems(edited, tmp_path, me, me_key="a", master=read_last_master(tmp_path)).spans != (
        (0, LENGTH),
    )


class _Killed(BaseException):
    """Stands for the process ending at that very place."""


def test_a_crash_at_any_write_is_finished_by_the_next_run(tmp_path, monkeypatch):
    """Killed before each step of the patch in turn; afterwards the stems are the new ones, whole."""
    edited = [SPANS[0], ("S2", 30_000, 61_234, 900_000), SPANS[2]]
    render_stems(make_plan(tmp_path, edited), tmp_path, me, folder=tmp_path / "whole")
    wanted = contents(tmp_path / "whole")
    for crash_at in range(4):
        update_stems(make_plan(tmp_path, SPANS), tmp_path, me, me_key=f"{crash_at}")
        count = 0
        original = journal._write_changes

        def rewrite(path, changes, at=crash_at, real=original):
            nonlocal count
            if count == at:
                with path.open("rb+") as file:  # the worst moment: half of one file is written
                    file.seek(changes[0].offset)
                    file.write(changes[0].data[:100])
                raise _Killed
            count += 1
            real(path, changes)

        with monkeypatch.context() as patch:
            patch.setattr(journal, "_write_changes", rewrite)
            try:
                update_stems(make_plan(tmp_path, edited), tmp_path, me, me_key=f"{crash_at}")
            except _Killed:
                assert (tmp_path / "stems" / journal.NAME).is_file()
        done = update_stems(make_plan(tmp_path, edited), tmp_path, me, me_key=f"{crash_at}")
        assert done.spans == ()
        assert contents(tmp_path / "stems") == wanted
        assert not (tmp_path / "stems" / journal.NAME).exists()


_item = st.tuples(
    st.sampled_from(["S1", "S2"]),
    st.integers(0, LENGTH - 60_000),
    st.integers(1, 60_000),
    st.sampled_from([1000, 3_000_000, 8_000_000]),
)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(_item, min_size=1, max_size=5),
    st.lists(_item, min_size=1, max_size=5),
    st.sampled_from([Master(), Master(1.4, 0.6, true_peak=True)]),
)
def test_any_edit_equals_a_whole_render(tmp_path_factory, before, after, master):
    """Loud items on purpose: where the limiter works its curve reaches over the edge of the edit."""
    folder = tmp_path_factory.mktemp("edit")
    update_stems(make_plan(folder, before), folder, me, me_key="a", master=master)
    edited = make_plan(folder, after)
    update_stems(edited, folder, me, me_key="a", master=master)
    render_stems(edited, folder, me, folder=folder / "whole", master=master, block_seconds=3)
    assert contents(folder / "stems") == contents(folder / "whole")


@settings(max_examples=12, deadline=None)
@given(
    st.lists(_item, min_size=1, max_size=6),
    st.sampled_from([Master(), Master(1.7, 0.5), Master(0.7, 0.8, true_peak=True)]),
)
def test_stems_always_sum_and_never_pass_the_ceiling(tmp_path_factory, items, master):
    from rythmo.media.pcm24 import Pcm24Reader

    folder = tmp_path_factory.mktemp("sum")
    done = render_stems(make_plan(folder, items), folder, me, master=master)
    stems = {}
    for name, path in done.files.items():
        with Pcm24Reader(path) as reader:
            stems[name] = reader.read_int(0, reader.length)
    assert np.array_equal(stems["DX"][0], stems["DX_S1"][0] + stems["DX_S2"][0])
    assert np.array_equal(stems["MIX"], stems["DX"] + stems["ME"])
    assert np.abs(stems["MIX"]).max() <= master.ceiling * (1 << 23)
    if master == Master() and not done.clipped:
        assert np.array_equal(stems["ME"], ME)


HOSTILE = {
    "another file": {"changes": [{"file": "../outside.txt", "offset": 0, "length": 4}]},
    "a whole path": {"changes": [{"file": "/tmp/outside.txt", "offset": 0, "length": 4}]},
    "past the end": {"changes": [{"file": "DX.wav", "offset": 1 << 40, "length": 4}]},
    "before the start": {"changes": [{"file": "DX.wav", "offset": -4, "length": 4}]},
    "another record": {"changes": [], "record": "../outside.txt"},
    "no length": {"changes": [{"file": "DX.wav", "offset": 0}]},
    "no changes": {},
}


@pytest.mark.parametrize("head", HOSTILE.values(), ids=HOSTILE)
def test_a_journal_of_somebody_else_changes_no_file_outside(tmp_path, head):
    stems, outside = tmp_path / "film.rythmo" / "stems", tmp_path / "outside.txt"
    stems.mkdir(parents=True)
    (tmp_path / "film.rythmo" / "outside.txt").write_bytes(b"mine")
    outside.write_bytes(b"mine")
    (stems / "DX.wav").write_bytes(b"0123456789")
    body = b"evil"
    whole = {"record": ".mix.json", "record_length": 0, "sha256": sha256(body).hexdigest(), **head}
    text = json.dumps(whole).encode()
    (stems / journal.NAME).write_bytes(struct.pack("<Q", len(text)) + text + body)
    (stems / journal.RECORD).write_bytes(b"{}")
    journal.finish_changes(stems)
    assert outside.read_bytes() == (tmp_path / "film.rythmo" / "outside.txt").read_bytes() == b"mine"
    assert (stems / "DX.wav").read_bytes() == b"0123456789"
    assert not (stems / journal.NAME).exists()


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied"])
def test_a_damaged_journal_is_treated_as_absent_and_the_stems_as_unknown(tmp_path, damage):
    stems = tmp_path / "stems"
    stems.mkdir()
    (stems / "DX.wav").write_bytes(b"0123456789")
    (stems / journal.RECORD).write_bytes(b"{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "finish_changes", lambda folder: False)
        journal.apply_changes(stems, [journal.Change("DX.wav", 2, b"abc")], b"new record")
    path = stems / journal.NAME
    data = path.read_bytes()
    path.write_bytes({"cut": data[:-2], "flipped": data[:-1] + bytes([data[-1] ^ 1]), "emptied": b""}[damage])
    assert not journal.finish_changes(stems)
    assert (stems / "DX.wav").read_bytes() == b"0123456789"
    assert not path.exists() and not (stems / journal.RECORD).exists()


def test_only_stems_that_we_recorded_are_deleted(tmp_path):
    """A speaker that is no more loses the stem; a sound that somebody put beside the stems stays."""
    both = make_plan(tmp_path, [("S1", 0, 9000, 999), ("S2", 9000, 9000, 999)])
    update_stems(both, tmp_path, me, me_key="k")
    (tmp_path / "stems" / "Foley.wav").write_bytes(b"mine")
    (tmp_path / "stems" / "DX_S9.wav").write_bytes(b"mine")
    update_stems(replace(both, stems=both.stems[:1]), tmp_path, me, me_key="k")
    assert set(contents(tmp_path / "stems")) == {
        "DX.wav", "DX_S1.wav", "DX_S9.wav", "Foley.wav", "ME.wav", "MIX.wav"
    }  # fmt: skip


def test_a_stem_of_ours_is_known_after_a_crash_too(tmp_path):
    both = make_plan(tmp_path, [("S1", 0, 9000, 999), ("S2", 9000, 9000, 999)])
    update_stems(both, tmp_path, me, me_key="k")
    one, cancel = replace(both, stems=both.stems[:1]), CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        update_stems(one, tmp_path, me, me_key="k", cancel=cancel)
    update_stems(one, tmp_path, me, me_key="k")
    assert "DX_S2.wav" not in contents(tmp_path / "stems")


@pytest.mark.parametrize("stem", ["DX_S1.wav", "MIX.wav"])
@pytest.mark.parametrize("size", [0, 30, 5000])
def test_a_stem_that_was_cut_is_mixed_again(tmp_path, stem, size):
    plan = make_plan(tmp_path, [("S1", 0, 9000, 999)])
    update_stems(plan, tmp_path, me, me_key="k")
    before = contents(tmp_path / "stems")
    path = tmp_path / "stems" / stem
    path.write_bytes(path.read_bytes()[:size])
    update_stems(plan, tmp_path, me, me_key="k")
    assert contents(tmp_path / "stems") == before
