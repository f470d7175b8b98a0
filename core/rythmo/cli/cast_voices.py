"""The voices of `rythmo cast PROJECT`: list them, hear a line in several, choose, mix, set and lock them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from rythmo import languages
from rythmo.cli.output import Output
from rythmo.cli.summary import list_deliveries
from rythmo.counts import format_count
from rythmo.dubbing import hand_casting, pipeline
from rythmo.dubbing.hand_casting import AUTO, VoiceShelf
from rythmo.dubbing.pipeline import Material
from rythmo.dubbing.project_edits import edit_project
from rythmo.engines.voice_offer import ListedVoice, describe_voice
from rythmo.errors import UsageError
from rythmo.files import make_printable
from rythmo.project.workspace import Project, place_file
from rythmo.script.model import Script, Speaker
from rythmo.script.takes import VoiceRef
from rythmo.script.voice_edits import choose_voice, list_kept_lines, lock_voice, release_voice
from rythmo.settings import Settings
from rythmo.stages.auditions import Audition, choose_line
from rythmo.stages.context import Context

_EDITS = ("voice", "pace", "pitch", "lock", "unlock")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_FOLDER = "auditions"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments about voices."""
    hear = parser.add_argument_group("hear voices")
    hear.add_argument("--voices", action="store_true", help="list the voices to choose from, by language")
    hear.add_argument(
        "--hear",
        metavar="WHO",
        help="speak a line (S1_0004), or one of a speaker (S1), in several voices; no take is touched",
    )
    hear.add_argument(
        "--in-voices",
        metavar="VOICE,VOICE",
        default="",
        help="with --hear: in which voices (default: the present one and the two that suit best)",
    )
    hear.add_argument("--sample", metavar="VOICE,VOICE", help="speak a sample sentence in these voices")
    hear.add_argument(
        "--folder", type=Path, metavar="FOLDER", help=f"where the recordings go (default: PROJECT/{_FOLDER})"
    )
    hear.add_argument("--send", action="store_true", help="agree to what a service asks for speaking them")
    edit = parser.add_argument_group("choose voices", "rythmo line PROJECT --undo takes each of them back.")
    for flag, metavar, text in (
        ("--voice", "S1=VOICE", 'choose a voice, or a mixture ("A+B", "0.7*A+0.3*B"); S1=auto chooses none'),
        ("--pace", "S1=1.1", "how fast the voice speaks; 1 is its own pace"),
        ("--pitch", "S1=-2", "how much higher or lower the voice is, in semitones"),
        ("--lock", "S1", "let nothing change this speaker's voice any more"),
        ("--unlock", "S1", "let this speaker's voice be changed again"),
    ):
        edit.add_argument(flag, action="append", default=[], metavar=metavar, help=text)


def run(
    project: Project, chosen: Settings, arguments: argparse.Namespace, output: Output
) -> dict[str, Any] | None:
    """Do what the arguments about voices ask for, and return it as data; None when they ask for nothing."""
    edits = any(getattr(arguments, name) for name in _EDITS)
    if not (edits or arguments.voices or arguments.hear or arguments.sample):
        if arguments.in_voices:
            raise UsageError("--in-voices needs a line to hear.", hint="For example --hear S1.")
        return None
    data: dict[str, Any] = {}
    shelf = hand_casting.open_shelf(project.load(), chosen)
    if arguments.voices:
        listed = shelf.list_voices()
        output.say("\n".join(_format_shelf(shelf, listed)))
        data["voices"] = [_voice_data(one) for one in listed]
    if edits:
        data |= _edit(project, chosen, shelf, arguments, output)
    if arguments.hear or arguments.sample:
        data["auditions"] = _audition(project, chosen, shelf, arguments, output)
    return data


def _edit(
    project: Project, chosen: Settings, shelf: VoiceShelf, arguments: argparse.Namespace, output: Output
) -> dict[str, Any]:
    done = edit_project(
        project,
        lambda script: _apply_edits(script, shelf, arguments),
        chosen,
        what="cast by hand",
        report=output.progress,
    )
    for note in (*done.result.notes, *_remarks(done.before, done.result.script)):
        output.warn(note)
    return {"deliveries": list_deliveries(done.result)}


def _apply_edits(script: Script, shelf: VoiceShelf, arguments: argparse.Namespace) -> Script:
    """Unlock before the changes and lock after them, so that one call may do all."""
    for speaker in arguments.unlock:
        script = lock_voice(script, speaker, locked=False)
    for given in arguments.voice:
        speaker, text = _parse_pair(given, "--voice", "S1=pm_alex")
        if text == AUTO:
            script = release_voice(script, speaker)
            continue
        present = script.speaker(speaker).voice
        script = choose_voice(script, speaker, shelf.make_voice(text, present, script.speakers))
    for name, example in (("pace", "S1=1.1"), ("pitch", "S1=-2")):
        for given in getattr(arguments, name):
            speaker, text = _parse_pair(given, f"--{name}", example)
            value = _parse_number(text, f"--{name}", example)
            voice = _require_voice(script.speaker(speaker), shelf)
            script = choose_voice(script, speaker, shelf.adjust(voice, **{name: value}))
    for speaker in arguments.lock:
        script = lock_voice(script, speaker, locked=True)
    return script


def _require_voice(speaker: Speaker, shelf: VoiceShelf) -> VoiceRef:
    if speaker.voice is None or speaker.consent or speaker.voice.engine != shelf.engine:
        raise UsageError(
            f"{speaker.name} has no voice of {shelf.engine}.",
            hint=f"Choose one first: --voice {speaker.id}=...",
        )
    return speaker.voice


def _remarks(before: Script, after: Script) -> list[str]:
    """Say what a person might not expect: lines that kept their takes, and a voice that two people have."""
    found, old = [], {speaker.id: speaker.voice for speaker in before.speakers}
    for speaker in after.speakers:
        if speaker.voice is None or speaker.voice == old.get(speaker.id):
            continue
        if kept := list_kept_lines(after, speaker.id):
            found.append(
                f"Lines of {speaker.name} that are locked or recorded keep their takes: {', '.join(kept)}."
            )
        twins = [one.name for one in after.speakers if one.voice == speaker.voice and one != speaker]
        if twins:
            found.append(f"{speaker.name} now has the same voice as {' and '.join(twins)}.")
    return found


def _audition(
    project: Project, chosen: Settings, shelf: VoiceShelf, arguments: argparse.Namespace, output: Output
) -> list[dict[str, Any]]:
    script = project.load()
    with pipeline.reopening(project, script, chosen, report=output.progress) as context:
        sound = _open_sound(script, context)
        made: list[Audition] = []
        if arguments.hear:
            line = _find_line(script, arguments.hear)
            wanted = _split(arguments.in_voices)
            voices = [shelf.make_voice(one, known=script.speakers) for one in wanted]
            voices = voices or list(hand_casting.propose(script, script.line(line).speaker, sound, context))
            made += _speak(script, line, voices, shelf, sound, context, agreed=arguments.send)
        if arguments.sample:
            wanted = _split(arguments.sample)
            voices = [shelf.make_voice(one, known=script.speakers) for one in wanted]
            made += _speak(script, "", voices, shelf, sound, context, agreed=arguments.send)
    folder = arguments.folder or project.root / _FOLDER
    return [_place(one, letter, folder, output) for one, letter in zip(made, _letters(), strict=False)]


def _speak(
    script: Script,
    line: str,
    voices: list[VoiceRef],
    shelf: VoiceShelf,
    sound: Callable[[], Material],
    context: Context,
    *,
    agreed: bool,
) -> list[Audition]:
    shelf.require_agreed(hand_casting.texts_of(script, line, len(voices)), agreed=agreed)
    return [hand_casting.audition(script, line, voice, sound, context) for voice in voices]


def _open_sound(script: Script, context: Context) -> Callable[[], Material]:
    """Return a function that reads the programme's sound once, when it is first needed."""
    known: list[Material] = []

    def read() -> Material:
        if not known:
            known.append(pipeline.material(script, context))
        return known[0]

    return read


def _find_line(script: Script, who: str) -> str:
    """Return the id of the line that is meant: by its own id, or by its speaker's."""
    if any(speaker.id == who for speaker in script.speakers):
        return choose_line(script, who).id
    return script.line(who).id


def _place(one: Audition, letter: str, folder: Path, output: Output) -> dict[str, Any]:
    voice = describe_voice(one.voice)
    path = folder / f"{one.line or 'sample'}_{letter}_{_NOT_IN_NAMES.sub('-', voice).strip('-')[:80]}.wav"
    place_file(one.file, path)
    output.say(f"  {letter}  {voice:36} {one.seconds:5.2f} s  {make_printable(path)}")
    data = {"line": one.line, "voice": one.voice.id, "settings": dict(one.voice.settings)}
    return {**data, "seconds": round(one.seconds, 3), "file": str(path)}


def _letters() -> list[str]:
    return [*ascii_uppercase, *(f"{a}{b}" for a in ascii_uppercase for b in ascii_uppercase)]


def _format_shelf(shelf: VoiceShelf, listed: tuple[ListedVoice, ...]) -> list[str]:
    offer = shelf.offer
    can = [
        "mixes two voices" if offer.mix else "",
        f"pace {offer.pace[0]:g} to {offer.pace[1]:g}" if offer.pace else "",
        f"pitch {offer.pitch[0]:+g} to {offer.pitch[1]:+g} semitones" if offer.pitch else "",
    ]
    rows = [f"{shelf.engine}: {', '.join(filter(None, [format_count(len(listed), 'voice'), *can]))}"]
    for language, voices in groupby(listed, key=lambda one: one.language):
        rows.append(f"{languages.language_name(language) if language else 'Every language'}:")
        rows += [
            f"  {one.id:18} {', '.join(filter(None, [one.gender, one.note]))}".rstrip() for one in voices
        ]
    return rows


def _voice_data(voice: ListedVoice) -> dict[str, str]:
    return {"id": voice.id, "language": voice.language, "gender": voice.gender, "note": voice.note}


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _parse_pair(given: str, option: str, example: str) -> tuple[str, str]:
    left, equals, right = given.partition("=")
    if not (equals and left.strip() and right.strip()):
        raise UsageError(f"{option} {given} is not understood.", hint=f"For example {option} {example}.")
    return left.strip(), right.strip()


def _parse_number(text: str, option: str, example: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UsageError(
            f"{option} {text} is not a number.", hint=f"For example {option} {example}."
        ) from error
