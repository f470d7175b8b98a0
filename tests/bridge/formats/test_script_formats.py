"""What holds of every list, script and subtitle format, whatever the script holds."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rythmo.script.model import Speaker
from rythmo_bridge.deliver import deliver, plan_names
from rythmo_bridge.formats.registry import formats

NAMES = [
    name
    for name, form in formats().items()
    if not form.timeline and name not in ("mp4", "mp4-lips", "markers")
]
HOSTILE = "A \x0b\x00<b>&amp; ]]> 'x' \"y\" =SUM(A1) 😀\nzwei"


@pytest.fixture(autouse=True)
def _without_a_browser(monkeypatch):
    """Print nothing: what a browser does with the page has a test of its own."""
    monkeypatch.setattr("rythmo_bridge.papers.paper_formats.find_browser", lambda: None)


@pytest.mark.parametrize("name", NAMES)
def test_the_names_are_known_before_and_no_file_is_empty(dub, name):
    made = deliver(dub.folder, dub.script, [name], source=None)
    planned = [re.sub(r"\.pdf$", ".html", each) for each in plan_names(dub.script, [name])]
    assert [path.name for path in made] == planned
    assert all(path.stat().st_size for path in made)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_script_gives_the_same_bytes(dub, name):
    made = [
        [path.read_bytes() for path in deliver(dub.folder, dub.script, [name], source=None)] for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("name", NAMES)
def test_any_words_and_names_are_written(dub, name):
    line = replace(dub.script.lines[0], text=HOSTILE, translation=HOSTILE, direction=HOSTILE)
    script = replace(dub.script.with_line(line), speakers=(Speaker("S1", HOSTILE), Speaker("S2", "")))
    assert deliver(dub.folder, script, [name], source=None)


@pytest.mark.parametrize("name", NAMES)
def test_a_programme_without_lines_is_written(dub, name):
    assert deliver(dub.folder, replace(dub.script, lines=()), [name], source=None)


@pytest.mark.parametrize("name", NAMES)
def test_a_dub_into_a_dialect_of_its_own_language_is_written_once(dub, name):
    script = replace(dub.script, target_language="en")
    made = deliver(dub.folder, script, [name], source=None)
    assert all(path.is_file() for path in made)
