"""Decides which sound of a timeline is dialogue and which is M&E: by the user's lists, else by names and
roles.

Names and roles decide only if they cover every clip that is heard. One track called VO beside three called A1
to A3 says nothing about those three, so the whole is separated like any mix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rythmo.errors import UsageError
from rythmo_bridge.timeline import AUDIO_ROLE, Item, Kind, Role, Timeline, Track


class Use(StrEnum):
    """What a clip's sound is for. A MIX is a sum of the others and is left out where they are known."""

    DIALOGUE = "dialogue"
    ME = "M&E"
    MIX = "mix"
    UNKNOWN = ""


_WORDS = {
    Use.DIALOGUE: "DX DIA DIAL DIALOG DIALOGS DIALOGUE DIALOGUES DLG ADR VO VOICE VOICEOVER NARRATION",
    Use.ME: "MX MUS MUSIC MUSICA MUSIK SCORE SFX FX EFX EFFECTS HFX FOL FOLEY AMB AMBIENCE AMBIENT ATM ATMO"
    " ATMOS BG BGS BGND BACKGROUND BACKGROUNDS WALLA ROOMTONE RT ME",
    Use.MIX: "MIX MIXDOWN FULLMIX PRINTMASTER PM COMP",
}
_USE_OF = {word: use for use, words in _WORDS.items() for word in words.split()}
_ROLES = {
    Role.DIALOGUE: Use.DIALOGUE,
    Role.ME: Use.ME,
    Role.MIX: Use.MIX,
}


@dataclass(frozen=True, slots=True)
class Uses:
    """The use of each clip, by audio track and place; `known` if dialogue and the rest are separate."""

    known: bool
    of: tuple[tuple[Use, ...], ...]
    notes: tuple[str, ...] = ()

    def tracks(self, use: Use) -> tuple[int, ...]:
        """Return the audio tracks, from 0, that hold a clip of that use."""
        return tuple(number for number, row in enumerate(self.of) if use in row)


def use_of_name(name: str) -> Use:
    """Return the use that a name indicates, such as "DX 1", "dialogue.boom", "A3 MX" or "SFX_Hard".

    The first word that indicates something decides; "M&E" is one word.
    """
    plain = re.sub(r"M\s*[&+]\s*E\b", " ME ", name.upper())
    for word in re.findall(r"[^\W\d_]+", plain):
        if word in _USE_OF:
            return _USE_OF[word]
    return Use.UNKNOWN


def sound_uses(timeline: Timeline, dialogue: Sequence[str] = (), me: Sequence[str] = ()) -> Uses:
    """Return the use of every clip. `dialogue` and `me` name tracks, as A1 ... or by name.

    If only one list is given, it is taken as complete: every other track is of the other kind.

    Raises:
        UsageError: A track does not exist, or is in both lists.
    """
    tracks = timeline.tracks_of(Kind.AUDIO)
    if dialogue or me:
        return _uses_from_lists(tracks, _numbers(tracks, dialogue), _numbers(tracks, me))
    rows = tuple(tuple(_use(track, item) for item in track.items) for track in tracks)
    heard = [
        use
        for track, row in zip(tracks, rows, strict=True)
        for item, use in zip(track.items, row, strict=True)
        if is_heard(track, item, tracks)
    ]
    if Use.DIALOGUE not in heard:
        return Uses(known=False, of=rows)
    if Use.UNKNOWN in heard:
        unclear = (t.name for t, row in zip(tracks, rows, strict=True) if t.enabled and Use.UNKNOWN in row)
        note = (
            f"Some tracks are dialogue by name, but {', '.join(dict.fromkeys(unclear))} may be anything, so"
            " the whole mix was separated. Use --dialogue-tracks and --me-tracks to assign them."
        )
        return Uses(known=False, of=rows, notes=(note,))
    return Uses(known=True, of=rows, notes=(_describe_uses(tracks, rows),))


def is_heard(track: Track, item: Item, tracks: Sequence[Track]) -> bool:
    """Whether a clip is heard: clip and track are enabled, and no other track is solo."""
    solo = any(each.solo for each in tracks)
    return track.enabled and item.enabled and (track.solo or not solo)


def _use(track: Track, item: Item) -> Use:
    """Return a clip's own role, else its track's."""
    role = use_of_name(str(item.metadata.get(AUDIO_ROLE, "")))
    if role is not Use.UNKNOWN:
        return role
    named = use_of_name(track.name)
    return named if named is not Use.UNKNOWN else _ROLES.get(track.role, Use.UNKNOWN)


def _uses_from_lists(tracks: Sequence[Track], dialogue: set[int], me: set[int]) -> Uses:
    both = dialogue & me
    if both:
        raise UsageError(
            f"{_label(tracks, min(both))} is listed as both dialogue and M&E.", hint="Leave it in one list."
        )
    rest = Use.ME if dialogue else Use.DIALOGUE
    found = []
    for number, track in enumerate(tracks):
        use = Use.DIALOGUE if number in dialogue else Use.ME if number in me else rest
        found.append((use,) * len(track.items))
    rows = tuple(found)
    return Uses(known=True, of=rows, notes=(_describe_uses(tracks, rows),))


def _numbers(tracks: Sequence[Track], wanted: Iterable[str]) -> set[int]:
    found = set()
    for text in wanted:
        named = {n for n, track in enumerate(tracks) if track.name.casefold() == text.strip().casefold()}
        place = re.fullmatch(r"[Aa](\d{1,4})", text.strip())
        if not named and place and 0 < int(place[1]) <= len(tracks):
            named = {int(place[1]) - 1}
        if not named:
            there = ", ".join(_label(tracks, n) for n in range(len(tracks))) or "none"
            raise UsageError(f"The timeline has no sound track {text!r}.", hint=f"Its sound tracks: {there}.")
        found |= named
    return found


def _label(tracks: Sequence[Track], number: int) -> str:
    name = tracks[number].name
    return name if name == f"A{number + 1}" else f"A{number + 1} ({name})"


def _describe_uses(tracks: Sequence[Track], rows: Sequence[Sequence[Use]]) -> str:
    def names(use: Use) -> str:
        """List the tracks of a use that are heard; a disabled track counts as neither."""
        heard = [any(is_heard(track, item, tracks) for item in track.items) for track in tracks]
        told = zip(tracks, rows, heard, strict=True)
        return ", ".join(track.name for track, row, on in told if on and use in row) or "none"

    text = f"Dialogue: {names(Use.DIALOGUE)}. M&E: {names(Use.ME)}. They are used without separation."
    mixes = names(Use.MIX)
    return text if mixes == "none" else f"{text} Left out because they are a mix of the others: {mixes}."
