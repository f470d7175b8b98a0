"""Writes docs/formats.md, the table of what each format keeps.

Run `python -m rythmo_bridge.formats.format_table > docs/formats.md` to update it; a test compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.registry import Format, formats

_ORDER = tuple(Feature)

_HEAD = """# Formats

What each format keeps of a timeline. Made by `python -m rythmo_bridge.formats.format_table`. A test changes
one property at a time and checks that the file changes with it, so the table never claims too much.

- **yes**: the file holds it.
- **head**: the format counts in frames. The head of each take's file makes up for a start between two frames,
  so the sound is still sample-exact. Those files are in `deliver/<language>/media/`. None is ever deleted:
  a timeline that was delivered earlier may play it, so after edits and undos some lie there that no present
  file needs.
- **out**: disabled tracks or clips are left out of the file.
- **clips**: a disabled track is written as a track whose clips are all disabled.
- **transition**: a fade is a transition at the free end of its clip, and is read back as one.
- **picture**: only on the lowest picture track; the format has no transitions between connected clips.
- **start**: an EDL's cut is where its dissolve begins.
- **written**: the file holds it; Rythmo does not read it back.
- **read**: Rythmo reads it; it writes no file of this format.
- empty: lost.

Formats whose last row is empty can only be written.

A take's file name begins with its line's id in every format. Subtitles and the dialogue list are files of
their own. The picture is never re-timed, and time-stretch is in the takes, not in the timeline.
"""


def table() -> str:
    """Return the text of docs/formats.md."""
    timelines = [each for each in formats().values() if each.timeline]
    others = [each for each in formats().values() if not each.timeline]

    def cell(form: Format, feature: Feature) -> str:
        if form.write is None:
            return "read" if feature in form.keeps else ""
        if feature in form.keeps:
            return "written" if feature in form.unread or form.read is None else "yes"
        return form.partly.get(feature, "head" if feature is Feature.SAMPLES else "")

    rows = [["", *(each.name for each in timelines)]]
    rows += [[feature.value, *(cell(each, feature) for each in timelines)] for feature in _ORDER]
    rows.append(["**is read**", *("yes" if each.read else "" for each in timelines)])
    names = [
        ["name", "file", "what"],
        *([f"`{e.name}`", f"`*{e.suffix}`", e.summary] for e in timelines + others),
    ]
    return "\n".join([_HEAD, *_markdown(rows), "", *_markdown(names), ""])


def _markdown(rows: list[list[str]]) -> Iterable[str]:
    head, *body = rows
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in body:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    sys.stdout.write(table())
