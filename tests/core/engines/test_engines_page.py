"""docs/engines.md says of every built-in engine what the engine says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_cases import built_in

from rythmo.engines.base import CAPABILITIES, EngineSpec, Kind

PAGE = Path(__file__).parents[3] / "docs" / "engines.md"
SPECS = [(kind, spec) for kind in Kind for spec in built_in(kind)]


def row(spec: EngineSpec) -> str:
    """An engine's line in the page's table of its kind; paste it there when this test fails."""
    info = spec.info
    can = "; ".join(CAPABILITIES[word] for word in sorted(info.capabilities))
    count = len(info.languages)
    spoken = "any" if not count else f"{count}" if count > 12 else " ".join(sorted(info.languages))
    data = "stays here" if info.local else info.sends
    return f"| `{info.name}`{' (draft)' if info.draft else ''} | {can} | {spoken} | {info.licence} | {data} |"


@pytest.mark.parametrize(("kind", "spec"), SPECS, ids=[f"{kind}-{spec.info.name}" for kind, spec in SPECS])
def test_the_page_says_what_the_engine_says(kind: Kind, spec: EngineSpec) -> None:
    _, _, part = PAGE.read_text("utf-8").partition(f"\n## {kind.capitalize()}\n")
    assert row(spec) in part.partition("\n## ")[0].splitlines()


if __name__ == "__main__":
    for _kind, _spec in SPECS:
        print(_kind, row(_spec))
