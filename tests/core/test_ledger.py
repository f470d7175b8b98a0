"""Small measurements in one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rythmo.project.ledger import Ledger, Ledgers


@dataclass(frozen=True)
class Loudness:
    lufs: float | None


def never() -> Loudness:
    raise AssertionError("measured again")


def test_what_was_measured_is_found_by_the_next_run(tmp_path):
    path = tmp_path / "levels.json"
    first = Ledger(path, Loudness)
    assert first.value("a", lambda: Loudness(-23.5)) == Loudness(-23.5)
    assert first.value("a", never) == Loudness(-23.5)
    first.save()
    assert Ledger(path, Loudness).value("a", never) == Loudness(-23.5)


def test_nothing_new_writes_nothing(tmp_path):
    path = tmp_path / "levels.json"
    Ledger(path, Loudness).save()
    assert not path.exists()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"a": 7}', b"[]"])
def test_a_damaged_file_is_measured_again(tmp_path, damage):
    path = tmp_path / "levels.json"
    path.write_bytes(damage)
    assert Ledger(path, Loudness).value("a", lambda: Loudness(None)) == Loudness(None)


def test_the_ledgers_of_a_job_are_opened_once_and_saved_together(tmp_path):
    ledgers = Ledgers()
    asked: list[Path] = []

    def folder() -> Path:
        asked.append(tmp_path)
        return tmp_path

    for name in "ab":
        ledgers.open_ledger("levels", Loudness, folder).value(name, lambda: Loudness(1.0))
    ledgers.save()
    assert asked == [tmp_path]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["levels.json"]
