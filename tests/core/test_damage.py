"""A seeded part of tests/support/damage.py, which damages every file of a project in four ways."""

from __future__ import annotations

import pytest
from damage import KINDS, try_variants


# What is signed can be damaged too.
@pytest.mark.usefixtures("signed_deliveries")
def test_damage_is_repaired_or_told(tmp_path, capsys):
    wrong = []
    found = try_variants(tmp_path, 6, seed=7, tell=wrong.append)
    assert wrong == []
    assert sum(found.values()) == 6
    assert {kind for kind, _ in found} <= set(KINDS)
