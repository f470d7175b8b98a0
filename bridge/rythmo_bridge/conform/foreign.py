"""Recognises clips of another project that happen to carry our line ids (S1_0001 exists there too). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from rythmo.script.model import Line, Script
from rythmo_bridge.conform.line_clips import DeliveredLine, FoundClips
from rythmo_bridge.timeline import Item, Media, Timeline


def foreign_lines(
    script: Script, known: Mapping[str, DeliveredLine], found: FoundClips, edited: Timeline
) -> list[str]:
    """Return the lines whose clips belong to another project: other words, or no sound of a known length.

    If a clip carries its words, they decide. Otherwise one clip or file with a line's length is enough to
    call it ours: an editor trims some clips, but hardly all.
    """
    frame = round(edited.sample_rate / edited.frame_rate)
    lines = {line.id: line for line in script.lines}
    return [
        line
        for line, clips in found.items.items()
        if line in lines and not any(_is_own(lines[line], known[line], *clip, frame) for clip in clips)
    ]


def is_foreign(
    script: Script, known: Mapping[str, DeliveredLine], found: FoundClips, edited: Timeline
) -> bool:
    """Whether most of the lines found belong to another project."""
    return 2 * len(foreign_lines(script, known, found, edited)) > len(found.items)


def _is_own(line: Line, known: DeliveredLine, item: Item, media: Media | None, frame: int) -> bool:
    words = item.metadata.get("translation")
    if isinstance(words, str) and words:
        return words in {line.translation, *(take.text for take in line.takes)}
    lengths = {known.item.length, *(take.length for take in line.takes)}
    if known.media is not None:
        lengths.add(known.media.length)
    theirs = [item.length] if media is None else [item.length, media.length]
    near = 2 * frame
    return any(abs(ours - each) <= near for ours in lengths for each in theirs)
