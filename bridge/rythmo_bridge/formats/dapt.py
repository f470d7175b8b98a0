"""Writes DAPT scripts (W3C, Dubbing and Audio description Profiles of TTML2), a format for each script type.

Times are counts of frames at the programme's rate. The as-recorded script counts in samples (ticks), so that
its audio clips lie where the dub has them. Times begin at the programme's first frame, whose timecode is
metadata (`daptOriginTimecode`). Loops and directions are descriptions of our own types, `x-loop` and
`x-direction`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from rythmo.files import write_atomically
from rythmo.timebase import format_timecode, nominal_rate
from rythmo_bridge.formats.registry import Format, Write
from rythmo_bridge.subtitles.dapt_reader import DIRECTION, LOOP
from rythmo_bridge.timeline import DialogueEntry, Item, Role, Timeline
from rythmo_bridge.xml_text import document, element, inline, leaf, text

_NAMESPACES = {
    "xmlns": "http://www.w3.org/ns/ttml",
    "xmlns:ttp": "http://www.w3.org/ns/ttml#parameter",
    "xmlns:ttm": "http://www.w3.org/ns/ttml#metadata",
    "xmlns:tta": "http://www.w3.org/ns/ttml#audio",
    "xmlns:daptm": "http://www.w3.org/ns/ttml/profile/dapt#metadata",
}
_PROFILE = "http://www.w3.org/ns/ttml/profile/dapt1.0/content"
_DIALOGUE = "audio.dialogue"
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]")


class ScriptType(StrEnum):
    """What a script represents, by DAPT's own words."""

    ORIGINAL = "originalTranscript"
    TRANSLATED = "translatedTranscript"
    PRE_RECORDING = "preRecording"
    AS_RECORDED = "asRecorded"


def render(timeline: Timeline, kind: ScriptType, folder: Path) -> bytes:
    """Return the script of a timeline; `folder` is where it will lie, from which paths of sounds count."""
    writer = _Writer(timeline, kind, folder, _list_takes(timeline))
    return writer.render()


@dataclass(frozen=True, slots=True)
class _Writer:
    timeline: Timeline
    kind: ScriptType
    folder: Path
    takes: Mapping[str, Item]

    def render(self) -> bytes:
        """Return the document."""
        timeline = self.timeline
        characters = {entry.speaker_id or entry.speaker: entry.speaker for entry in timeline.dialogue}
        ids = _Ids()
        agents = {key: ids.add(f"character_{key}") for key in characters}
        names = (_write_character(agents[key], name) for key, name in characters.items())
        events = [self._write_event(entry, agents, ids) for entry in timeline.dialogue if self._holds(entry)]
        origin = format_timecode(timeline.start_frame, timeline.frame_rate, drop=timeline.drop)
        head = element(
            "metadata",
            leaf("ttm:title", timeline.name),
            *names,
            leaf("daptm:daptOriginTimecode", origin.replace(";", ":")),
        )
        source = timeline.source_language or "und"
        language = source if self.kind is ScriptType.ORIGINAL else timeline.language or source
        return document(
            element(
                "tt",
                element("head", head),
                element("body", element("div", *events) if events else ""),
                attributes={
                    **_NAMESPACES,
                    **self._count_times(),
                    "ttp:contentProfiles": _PROFILE,
                    "xml:lang": language,
                    "daptm:langSrc": source,
                    "daptm:scriptRepresents": _DIALOGUE,
                    "daptm:represents": _DIALOGUE,
                    "daptm:scriptType": self.kind,
                },
            )
        )

    def _holds(self, entry: DialogueEntry) -> bool:
        """Whether a line belongs in the script: only recorded ones are in the as-recorded script."""
        return bool(entry.take) if self.kind is ScriptType.AS_RECORDED else True

    def _count_times(self) -> dict[str, object]:
        """Return the attributes that say in what times are counted."""
        if self.kind is ScriptType.AS_RECORDED:
            return {"ttp:tickRate": self.timeline.sample_rate}
        base = nominal_rate(self.timeline.frame_rate)
        factor = self.timeline.frame_rate / base
        return {
            "ttp:frameRate": base,
            "ttp:frameRateMultiplier": f"{factor.numerator} {factor.denominator}",
        }

    def _write_time(self, samples: int) -> str:
        if self.kind is ScriptType.AS_RECORDED:
            return f"{samples}t"
        return f"{self.timeline.frame(samples)}f"

    def _write_event(self, entry: DialogueEntry, agents: Mapping[str, str], ids: _Ids) -> str:
        recorded = self.kind is ScriptType.AS_RECORDED
        start, end = (entry.start, entry.end) if recorded else entry.spoken_range
        attributes = {
            "xml:id": ids.add(entry.line),
            "begin": self._write_time(start),
            "end": self._write_time(end),
            "ttm:agent": agents[entry.speaker_id or entry.speaker],
            "daptm:onScreen": entry.on_screen or None,
        }
        described = ((LOOP, entry.loop), (DIRECTION, entry.direction))
        notes = (leaf("ttm:desc", words, {"daptm:descType": of}) for of, words in described if words)
        return element("div", *notes, *self._write_texts(entry, start), attributes=attributes)

    def _write_texts(self, entry: DialogueEntry, start: int) -> Iterator[str]:
        timeline, source = self.timeline, self.timeline.source_language or "und"
        if entry.text:
            original = {"xml:lang": entry.language or source, "daptm:langSrc": entry.language or source}
            yield inline("p", _write_words(entry.text), original)
        if self.kind is ScriptType.ORIGINAL or not timeline.language:
            return
        words = entry.recorded if self.kind is ScriptType.AS_RECORDED else entry.translation
        sound = self._write_sound(entry, start) if self.kind is ScriptType.AS_RECORDED else ""
        if words or sound:
            translated = {"xml:lang": timeline.language, "daptm:langSrc": entry.language or source}
            yield inline("p", f"{sound}{_write_words(words)}", translated)

    def _write_sound(self, entry: DialogueEntry, start: int) -> str:
        """Return the audio clip of a line's take; "" where it is switched off or has no file."""
        item = self.takes.get(entry.line)
        media = self.timeline.media_of(item) if item is not None and item.enabled else None
        if item is None or media is None or media.path is None:
            return ""
        attributes: dict[str, object] = {
            "src": _write_url(media.path, self.folder),
            "type": "audio/wav",
            "begin": self._write_time(max(0, item.start - start)),
            "clipBegin": self._write_time(item.source),
            "clipEnd": self._write_time(item.source + item.length),
        }
        if item.gain_db:
            attributes["tta:gain"] = f"{10 ** (item.gain_db / 20):.4f}"
        return inline("audio", "", attributes).rstrip("\n")


class _Ids:
    """Makes ids that XML allows, each once in a document."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def add(self, wanted: str) -> str:
        """Return an id like the one that is wanted."""
        name = _UNFIT.sub("_", wanted)
        name = name if name[:1].isalpha() or name[:1] == "_" else f"e_{name}"
        number, found = 1, name
        while found in self._used:
            number += 1
            found = f"{name}.{number}"
        self._used.add(found)
        return found


def _list_takes(timeline: Timeline) -> dict[str, Item]:
    """Return the clip of each line on the dub's own tracks."""
    return {
        item.line: item
        for track, item in timeline.items()
        if item.line is not None and track.role is Role.DIALOGUE and not track.kept
    }


def _write_character(key: str, name: str) -> str:
    attributes = {"type": "character", "xml:id": key}
    return element("ttm:agent", leaf("ttm:name", name, {"type": "alias"}), attributes=attributes)


def _write_words(words: str) -> str:
    return "<br/>".join(text(line) for line in words.split("\n"))


def _write_url(path: Path, folder: Path) -> str:
    """Return a path as a relative URL, an absolute one where the file is on another drive."""
    try:
        return quote(Path(os.path.relpath(path, folder)).as_posix())
    except ValueError:
        return path.as_uri()


def _write_kind(kind: ScriptType) -> Write:
    def write(delivery: Timeline, target: Path) -> tuple[Path, ...]:
        """Write the script."""
        write_atomically(target, render(delivery, kind, target.absolute().parent))
        return (target,)

    return write


def _make_format(name: str, kind: ScriptType, summary: str) -> Format:
    return Format(
        f"dapt-{name}",
        f".{name}.dapt.ttml",
        f"DAPT script: {summary}",
        write=_write_kind(kind),
        timeline=False,
        loops=True,
    )


ORIGINAL = _make_format("original", ScriptType.ORIGINAL, "transcript of the original")
TRANSLATED = _make_format("translated", ScriptType.TRANSLATED, "translated transcript")
PRE_RECORDING = _make_format("pre-recording", ScriptType.PRE_RECORDING, "to record from")
AS_RECORDED = _make_format("as-recorded", ScriptType.AS_RECORDED, "as recorded, with its audio clips")
