"""Cuts that a dub found are found again in its cache."""

from __future__ import annotations

from fractions import Fraction

from rythmo.project.known_cuts import find_known_cuts
from rythmo.project.sealed import seal


def test_cuts_of_the_cache_are_samples(tmp_path):
    (tmp_path / "cuts").mkdir()
    (tmp_path / "cuts" / "a.json").write_bytes(seal(b"[0,25,50]"))
    assert find_known_cuts(tmp_path, Fraction(25)) == (0, 48_000, 96_000)


def test_without_a_readable_cache_there_are_none(tmp_path):
    assert find_known_cuts(tmp_path, Fraction(25)) == ()
    (tmp_path / "cuts").mkdir()
    (tmp_path / "cuts" / "a.json").write_bytes(seal(b"[0,25]").replace(b"25", b"26"))
    assert find_known_cuts(tmp_path, Fraction(25)) == ()
