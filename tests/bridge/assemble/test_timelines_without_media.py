"""Real timelines of other programs, without their media: each gets a clear report, quickly."""

from __future__ import annotations

import os
import time
from fractions import Fraction
from pathlib import Path

import pytest
from counted_sound import make_cut

from rythmo.cli import main
from rythmo.errors import MissingMediaError, TimelineError
from rythmo.settings import TimelineSettings
from rythmo_bridge.assemble.programme import look
from rythmo_bridge.formats.registry import find_format, read_timeline, timeline_suffixes

DATA = os.environ.get("RYTHMO_TEST_DATA")
CORPUS = Path(DATA or "/nowhere") / "corpus" / "timelines"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="RYTHMO_TEST_DATA has no corpus of timelines")


def corpus() -> list[Path]:
    found = (path for path in CORPUS.rglob("*") if path.suffix.lower() in timeline_suffixes())
    return sorted(path for path in found if path.parent.suffix != ".fcpxmld")


@pytest.mark.needs_data
@needs_corpus
def test_every_real_timeline_is_reported_and_none_takes_long():
    missing = 0
    for path in corpus():
        began = time.process_time()
        with pytest.raises(TimelineError) as caught:
            look(path, TimelineSettings())
        assert time.process_time() - began < 5, path
        assert caught.value.hint
        assert "\n" not in caught.value.message
        if isinstance(caught.value, MissingMediaError):
            missing += 1
            assert caught.value.missing
            assert all("Tried: " in each or "embedded" in each for each in caught.value.missing), path
    assert missing > 60


@pytest.mark.needs_data
@needs_corpus
@pytest.mark.parametrize("suffix", [".aaf", ".fcpxml", ".xml", ".edl"])
def test_the_command_ends_with_1_and_one_line(suffix, tmp_path, capsys):
    path = next(each for each in corpus() if each.suffix == suffix)
    assert main(["dub", str(path), "--to", "es", "--from", "en", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("rythmo: ") for line in said) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["otio", "otio-resolve", "otio-premiere", "fcp7", "fcpxml", "aaf", "edl"])
@pytest.mark.parametrize("hours", [0, 10])
def test_a_first_frame_of_zero_or_of_ten_hours_stays_itself(name, hours, tmp_path):
    cut = make_cut(tmp_path / "media", Fraction(30), hours=hours, one=True)
    form = find_format(name)
    *_, path = form.write(cut.timeline, tmp_path / f"cut{form.suffix}")
    assert read_timeline(path).start_frame == hours * 3600 * 30
    assembly = look(path, TimelineSettings(media_dirs=(str(tmp_path / "media"),)))
    assert assembly.programme.start_frame == hours * 3600 * 30
