"""Keep the original sound of lines already in the target language, or in one that cannot be translated.

Such a line gets a take like any other, cut from the separated speech, at its own position and level. So it
lies on its speaker's track and in the dialogue stems, and can be moved and muted in an editing program, and
the M&E stays free of dialogue. When the user writes a translation, the line is dubbed like the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rythmo import languages
from rythmo.engines.base import Kind
from rythmo.media.wav import write_wav
from rythmo.project.workspace import hash_values
from rythmo.script.model import Flag, Line, Script, Severity, Status
from rythmo.script.takes import ORIGINAL, Placement, Take, VoiceRef
from rythmo.stages.context import Context
from rythmo.stages.take_files import free_take_name, put_take
from rythmo.timebase import SAMPLE_RATE

SAME_LANGUAGE, UNTRANSLATABLE = "target-language", "foreign-language"
CODES = (SAME_LANGUAGE, UNTRANSLATABLE)
_VERSION = 1
# How far a take extends around its line where its neighbours allow: a breath before, reverberation after.
_BEFORE, _AFTER = SAMPLE_RATE // 10, SAMPLE_RATE // 4


def decide(script: Script, context: Context) -> Script:
    """Return the script with each line flagged whose original sound stays, and the others without such a
    flag.

    Asks the translator for its pairs only where a line is in another language than the programme.
    """
    foreign = {line.language for line in script.lines if line.language}
    pairs: frozenset[tuple[str, str]] = frozenset()
    if foreign - {script.target_language}:
        pairs = _find_pairs(script.target_language, context)
    dub_all = context.settings.translate.dub_target_language
    return script.map_lines(lambda line: _decided(line, script, pairs, dub_all=dub_all))


def _find_pairs(target: str, context: Context) -> frozenset[tuple[str, str]]:
    """Return the translator's pairs; none, which means any, when only the workers of a cluster have it."""
    if context.engines.is_absent(Kind.TRANSLATOR, target):
        return frozenset()
    return context.engines.translator(target).pairs()


def _decided(line: Line, script: Script, pairs: frozenset[tuple[str, str]], *, dub_all: bool) -> Line:
    if line.locked:
        return line
    target, language = script.target_language, line.language
    line = line.without_flags(*CODES)
    if not language or "translation" in line.edited:
        return line
    if language == target:
        if dub_all:
            return replace(line, translation=line.spoken_text)
        stays = "its original sound stays. Write a translation to dub it."
        said = f"It is in {languages.language_name(target)} already: {stays}"
        return replace(line, translation=line.text).add_flags(Flag(SAME_LANGUAGE, said, Severity.INFO))
    if not pairs or (language, target) in pairs:
        return line
    said = (
        f"It is in {languages.language_name(language)}, which no engine here translates to "
        f"{languages.language_name(target)}: its original sound stays. "
        "Write a translation, or choose another translator with --translator."
    )
    return replace(line, translation="").add_flags(Flag(UNTRANSLATABLE, said))


def is_kept(line: Line) -> bool:
    """Whether the line's original sound stays in the dub."""
    if "translation" in line.edited or ("chosen" in line.edited and line.take and not line.take.is_original):
        return False
    return any(flag.code in CODES for flag in line.flags)


def find_neighbours(script: Script) -> Mapping[str, tuple[int, int]]:
    """Return for each line's id where its take may begin and must end: not in the lines before and after
    it."""
    room: dict[str, tuple[int, int]] = {}
    lines = script.lines
    for n, line in enumerate(lines):
        before = max((other.end for other in lines[max(0, n - 8) : n] if other.end <= line.start), default=0)
        after = min(
            (other.start for other in lines[n + 1 : n + 9] if other.start >= line.end),
            default=script.programme.length,
        )
        room[line.id] = (before, after)
    return room


def run(line: Line, room: tuple[int, int], context: Context) -> Line:
    """Return the line with its original speech as its take, placed where it is heard. `context.speech` is
    there."""
    if line.is_pinned and line.take is not None and line.take.is_original:
        return line
    speech = context.speech
    if speech is None:
        return replace(line, chosen=None, placement=None)
    start = max(0, room[0], line.original_range[0] - _BEFORE)
    end = max(line.original_range[1], min(room[1], line.original_range[1] + _AFTER))
    key = hash_values("original", _VERSION, speech.key, start, end)

    def write(path: Path) -> None:
        write_wav(path, speech.read(start, end).mono(), subtype="PCM_24")

    file = context.artefacts.file("voice", key, ".wav", write)
    known = next((take for take in line.takes if take.key == key), None)
    take_id, name = free_take_name(line, file, context.project)
    voice = VoiceRef(ORIGINAL, line.speaker)
    take = known or Take(take_id, name, end - start, line.text, f"{ORIGINAL} {_VERSION}", voice, key)
    changed = put_take(file, take, context)
    # An editor who moved the line moves its sound with it.
    moved = line.start - line.original_range[0]
    placement = Placement(
        start + moved, end + moved, slot_end=end + moved, reason="The original sound stays."
    )
    takes = line.takes if known else (*line.takes, take)
    line = replace(line, takes=takes, chosen=take.id, placement=placement, status=Status.VOICED)
    return line.add_flags(*changed)


def translated_from(line: Line, script: Script) -> str:
    """Return the language that a line is translated from."""
    return line.language or script.source_language
