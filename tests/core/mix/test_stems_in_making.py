"""Stems that are mixed in steps, each with a plan that knows more lines."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rythmo.media.bwf import BwfWriter
from rythmo.media.wav import WavReader
from rythmo.mix.mix_plan import DialogueStem, MixItem, MixPlan
from rythmo.mix.mixer import UNTOUCHED
from rythmo.mix.render import render_stems
from rythmo.mix.stem_records import make_record
from rythmo.mix.stem_sums import match_sums, record_sums, record_written_sums, take_sums
from rythmo.mix.stems_in_making import StemsInMaking, round_to_block
from rythmo.progress import NEVER
from rythmo.qc.stem_measures import MASTERS, measure_stems
from rythmo.qc.written_stems import StemWatch

RATE, SECONDS = 48_000, 25
LENGTH = SECONDS * RATE + 1234
ME = np.stack([(np.arange(LENGTH) * 11) % 4_000_001 - 2_000_000] * 2).astype(np.int32)
STARTS = (1.0, 4.5, 9.9, 15.0, 22.0)


def me(start: int, end: int) -> np.ndarray:
    return ME[:, start:end]


def make_plan(folder: Path, count: int, level: int = 900_000) -> MixPlan:
    """Return the plan of the first `count` lines; the first of them has that level."""
    items: dict[str, list[MixItem]] = {"S1": [], "S2": [], "S3": []}
    for number, second in enumerate(STARTS[:count]):
        size = RATE + 100 * number
        loud = level if number == 0 else 7_000_000
        path = Path("takes", "placed", f"L{number}_{loud}.wav")
        if not (folder / path).is_file():
            with BwfWriter(folder / path, RATE, 1, None, "", size) as writer:
                writer.write((np.arange(size, dtype=np.int32)[np.newaxis] * 37) % (2 * loud) - loud)
        at = round(second * RATE)
        items["S1" if number % 2 else "S2"].append(MixItem(f"L{number}", path, at, at + size))
    stems = tuple(DialogueStem(name, tuple(own)) for name, own in items.items())
    return MixPlan("show", RATE, LENGTH, 2, 1000, stems, ((0, RATE),))


def mix(making: StemsInMaking, plan: MixPlan, until: float) -> None:
    record = make_record(plan, making.project, "a", {}, UNTOUCHED)
    making.mix(plan, me, record, UNTOUCHED, min(plan.length, round(until * RATE)))


def watch_begun(begun: list[MixPlan]):
    """Return what notes each plan that mixing begins with."""

    def start(plan: MixPlan):
        begun.append(plan)
        return lambda _: None

    return start


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.wav"))}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the stems of one render."""
    folder = tmp_path_factory.mktemp("whole")
    render_stems(make_plan(folder, 5), folder, me)
    return contents(folder / "stems")


def test_steps_with_growing_plans_give_the_bytes_of_one_render(tmp_path, whole):
    begun: list[MixPlan] = []
    with StemsInMaking(tmp_path, watch_begun(begun)) as making:
        for count, until in ((2, 8), (3, 8), (4, 14), (5, 99)):
            mix(making, make_plan(tmp_path, count), until)
        made = making.finish()
    assert contents(tmp_path / "stems") == whole
    assert len(begun) == 1
    record_written_sums(tmp_path, made.sums)
    assert match_sums(tmp_path, made.files, thorough=True)
    written = take_sums(tmp_path)
    record_sums(tmp_path, made.files)
    assert take_sums(tmp_path) == written


def test_a_line_that_changed_where_it_was_mixed_begins_anew(tmp_path, whole):
    begun: list[MixPlan] = []
    with StemsInMaking(tmp_path, watch_begun(begun)) as making:
        mix(making, make_plan(tmp_path, 3, level=100), 12)
        mix(making, make_plan(tmp_path, 5), 99)
        making.finish()
    assert contents(tmp_path / "stems") == whole
    assert len(begun) == 2


def test_a_longer_plan_begins_anew(tmp_path):
    with StemsInMaking(tmp_path) as making:
        mix(making, make_plan(tmp_path, 3), 12)
        longer = replace(make_plan(tmp_path, 5), length=LENGTH + 500)
        mix(making, longer, 99)
        making.finish()
    render_stems(longer, tmp_path, me, folder=tmp_path / "whole")
    assert contents(tmp_path / "stems") == contents(tmp_path / "whole")


def test_what_is_left_leaves_nothing_and_an_older_stem_stays(tmp_path):
    (tmp_path / "stems").mkdir()
    (tmp_path / "stems" / "DX.wav").write_bytes(b"old")
    with StemsInMaking(tmp_path) as making:
        mix(making, make_plan(tmp_path, 2), 4)
        assert making.at == 4 * RATE
        with WavReader(making.files["ME"]) as reader:
            assert reader.length == LENGTH
            assert (reader.read_int(0, 4 * RATE)[:, 2 * RATE :] == ME[:, 2 * RATE : 4 * RATE]).all()
    assert [path.name for path in (tmp_path / "stems").iterdir()] == ["DX.wav"]
    assert (tmp_path / "stems" / "DX.wav").read_bytes() == b"old"


def test_a_step_ends_on_a_block(tmp_path):
    assert round_to_block(5 * RATE + 7, make_plan(tmp_path, 1)) == 4 * RATE


def test_stems_are_measured_as_they_are_written(tmp_path):
    """The figures are those of the files, in the same digits."""
    original = tmp_path / "original.wav"
    with BwfWriter(original, RATE, 2, None, "", LENGTH) as writer:
        writer.write(ME + (np.arange(LENGTH) == 5 * RATE))
    plan, spoken = make_plan(tmp_path, 5), [(RATE, 2 * RATE), (20 * RATE, 24 * RATE)]
    with StemWatch(plan, original, NEVER) as watch, StemsInMaking(tmp_path, lambda _: watch) as making:
        mix(making, plan, 6)
        mix(making, plan, 99)
        making.finish()
        found = watch.result(spoken)
    with ExitStack() as stack:
        names = (*MASTERS, "DX_S1", "DX_S2", "DX_S3")
        paths = {name: tmp_path / "stems" / f"{name}.wav" for name in names}
        files = {name: stack.enter_context(WavReader(path)) for name, path in paths.items()}
        speakers = {name: files.pop(name) for name in names[3:]}
        own = stack.enter_context(WavReader(original))
        assert found == measure_stems(files, speakers, own, plan.regions, spoken=spoken)
    assert found.stems.outside_changed
