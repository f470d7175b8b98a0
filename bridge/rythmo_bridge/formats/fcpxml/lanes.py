"""Collects what the storyline of a Final Cut Pro X XML lays out, by lane, and makes tracks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rythmo_bridge.formats.reader_items import crop_before_start, pack_items, role_of
from rythmo_bridge.timeline import AUDIO_ROLE, Item, Kind, Marker, Timeline, Track, Transition


@dataclass(slots=True)
class LaneRows:
    """Items collected by lane while a storyline is walked."""

    items: dict[tuple[Kind, int, str], list[Item]] = field(default_factory=dict)
    names: dict[tuple[Kind, int, str], set[str]] = field(default_factory=dict)
    by_role: dict[str, tuple[Kind, int, str]] = field(default_factory=dict)
    widths: dict[int, int] = field(default_factory=dict)
    transitions: dict[tuple[Kind, int], list[Transition]] = field(default_factory=dict)
    markers: list[Marker] = field(default_factory=list)
    links: int = 0

    def link(self) -> str:
        """Return a new name for clips that move together."""
        self.links += 1
        return f"clip-{self.links}"

    def add(self, kind: Kind, lane: int, item: Item, role: str = "") -> None:
        """Add an item to its lane, or to the track of its sub-role: Final Cut reorders lanes, roles stay."""
        if role:
            item = replace(item, metadata={**item.metadata, AUDIO_ROLE: role})
        track = role if kind is Kind.AUDIO and _is_own(role) else ""
        key = self.by_role.setdefault(track, (kind, lane, track)) if track else (kind, lane, "")
        self.items.setdefault(key, []).append(item)
        self.names.setdefault(key, set()).add(role)

    def cross(self, lane: int, shape: Transition, *, sound: bool) -> None:
        """Add a transition to a lane's picture, and to its sound if it holds a crossfade."""
        for kind in (Kind.VIDEO, Kind.AUDIO) if sound else (Kind.VIDEO,):
            self.transitions.setdefault((kind, lane), []).append(shape)

    def tracks(self) -> Iterator[Track]:
        """Yield picture from the lowest lane up, then sound from the storyline down, then sound above it."""
        pictures = sorted((lane, role) for kind, lane, role in self.items if kind is Kind.VIDEO)
        sounds = [(lane, role) for kind, lane, role in self.items if kind is Kind.AUDIO]
        # Sorting is stable, so the roles of one lane stay in order of their first clip.
        sounds.sort(key=lambda each: (each[0] > 0, abs(each[0])))
        for kind, lanes in ((Kind.VIDEO, pictures), (Kind.AUDIO, sounds)):
            for number, (lane, role) in enumerate(lanes, start=1):
                items = self.items[kind, lane, role]
                name = _track_name(self.names[kind, lane, role]) or f"{kind.value[0].upper()}{number}"
                over = tuple(self.transitions.get((kind, lane), ()))
                width = self.widths.get(lane, 1) if kind is Kind.AUDIO else 1
                blank = Track(name, kind, role_of(name, kind), channels=width, transitions=over)
                yield from pack_items(blank, crop_before_start(items))


def _is_own(role: str) -> bool:
    """Whether a role has a sub-role that a person gave; Final Cut makes `music.music-1` itself."""
    main, _, own = role.partition(".")
    return bool(own) and not own.startswith(f"{main}-")


def _track_name(roles: set[str]) -> str:
    """Return the sub-role that all clips of a lane share; our writer puts the tracks' names there."""
    return next(iter(roles)).rpartition(".")[2] if len(roles) == 1 else ""


def mute_roles(delivery: Timeline, roles: frozenset[str]) -> Timeline:
    """Return the timeline with the sound of some roles disabled, sub-roles included."""

    def off(item: Item) -> bool:
        role = str(item.metadata.get(AUDIO_ROLE, ""))
        return role in roles or role.partition(".")[0] in roles

    if not roles:
        return delivery
    tracks = tuple(
        replace(
            track, items=tuple(replace(each, enabled=each.enabled and not off(each)) for each in track.items)
        )
        if track.kind is Kind.AUDIO
        else track
        for track in delivery.tracks
    )
    return replace(delivery, tracks=tracks)
