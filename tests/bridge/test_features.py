"""docs/formats.md is true: change one property of a timeline, and check whether the file changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from rythmo_bridge.colours import Colour
from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.format_table import table
from rythmo_bridge.formats.registry import formats
from rythmo_bridge.timeline import Item, Kind, Level, Marker, Media, Role, Timeline, Track, Transition

RATE = Fraction(30000, 1001)
SECOND = 48_048
"""30 frames of 29.97."""

Change = Callable[[Timeline], Timeline]


def _delivery() -> Timeline:
    film = Media("film", "Film.mov", Path("/film/Film.mov"), 9 * SECOND, 0, 2, 48_000, RATE, (640, 360))
    take = Media("take", "S1_0001_t01.wav", Path("/p/takes/S1_0001_t01.wav"), 2 * SECOND, SECOND, 1, 48_000)
    clip = Item("Film", 0, 9 * SECOND, "film", link="a")
    words = {"text": "hello", "translation": "hola", "take_id": "t01", "speaker": "S1"}
    line = Item("S1_0001_t01", SECOND, SECOND, "take", line="S1_0001", metadata=words)
    return Timeline(
        "Name",
        RATE,
        9 * SECOND,
        start_frame=107_892,
        language="es",
        tracks=(
            Track("Picture", Kind.VIDEO, Role.PICTURE, items=(clip,)),
            Track("DX", Kind.AUDIO, Role.DIALOGUE, items=(line,)),
            Track("Original", Kind.AUDIO, Role.ORIGINAL, channels=2, items=(clip,)),
        ),
        media={"film": film, "take": take},
    )


def _track(**changes: object) -> Change:
    return lambda d: replace(d, tracks=(d.tracks[0], replace(d.tracks[1], **changes), d.tracks[2]))


def _item(**changes: object) -> Change:
    return lambda d: _track(items=(replace(d.tracks[1].items[0], **changes),))(d)


def _media(**changes: object) -> Change:
    return lambda d: replace(d, media=d.media | {"take": replace(d.media["take"], **changes)})


def _nested() -> Timeline:
    """A timeline to lie inside a clip."""
    line = Item("inside", 0, SECOND, "take")
    track = Track("A1", Kind.AUDIO, items=(line,))
    return Timeline("Inner", RATE, SECOND, tracks=(track,), media=_delivery().media)


CHANGES: dict[Feature, Change] = {
    Feature.SAMPLES: _item(start=SECOND + 5, length=SECOND - 5),
    Feature.START: lambda d: replace(d, start_frame=0),
    Feature.RATE: lambda d: replace(d, frame_rate=Fraction(25), start_frame=d.start_frame),
    Feature.DROP: lambda d: replace(d, drop=True),
    Feature.TRACK_NAMES: _track(name="Other"),
    Feature.TRACK_COLOURS: _track(colour=Colour.RED),
    Feature.TRACK_STATE: _track(enabled=False),
    Feature.STEREO: _track(channels=2),
    Feature.CLIP_NAMES: _item(name="S1_0001_t02"),
    Feature.LINES: _item(line="S1_0002"),
    Feature.WORDS: _item(metadata={"text": "bye", "translation": "adiós", "take_id": "t01", "speaker": "S1"}),
    Feature.CLIP_COLOURS: _item(colour=Colour.GREEN),
    Feature.CLIP_STATE: _item(enabled=False),
    Feature.GAIN: _item(gain_db=-3.5),
    Feature.LINKS: lambda d: replace(d, tracks=(*d.tracks[:2], replace(d.tracks[2], items=(_unlinked(d),)))),
    Feature.MARKERS: lambda d: replace(d, markers=(Marker(SECOND, "note"),)),
    Feature.CLIP_MARKERS: _item(markers=(Marker(0, "note"),)),
    Feature.PATHS: _media(path=Path("/elsewhere/S1_0001_t01.wav")),
    Feature.MEDIA_START: _media(start=2 * SECOND),
    Feature.REELS: _media(reel="A001"),
    Feature.SPEED: _item(speed=Fraction(2)),
    Feature.TRANSITIONS: lambda d: _crossing(d, (Transition(5 * SECOND - 4_804, 9_609, "dissolve"),)),
    Feature.FADES: _item(fade_in=4_805),
    Feature.LEVELS: _item(levels=(Level(0, -6.0), Level(9_610, 0.0))),
    Feature.NESTED: _item(media=None, nested=_nested()),
}

BASES: dict[Feature, Change] = {
    Feature.TRANSITIONS: lambda d: _crossing(d, ()),
    Feature.NESTED: _item(media=None),
}
"""What the change of a feature starts from, where it is not the delivery as it is."""


def _crossing(delivery: Timeline, over: tuple[Transition, ...]) -> Timeline:
    """The picture cut in two halves, and what lies over the cut."""
    clip = delivery.tracks[0].items[0]
    half = replace(clip, length=5 * SECOND, link=None)
    rest = replace(clip, start=5 * SECOND, source=5 * SECOND, length=4 * SECOND, link=None)
    picture = replace(delivery.tracks[0], items=(half, rest), transitions=over)
    return replace(delivery, tracks=(picture, *delivery.tracks[1:]))


def _unlinked(delivery: Timeline) -> Item:
    return replace(delivery.tracks[2].items[0], link=None)


def _bytes(name: str, delivery: Timeline, folder: Path) -> dict[str, bytes]:
    made = formats()[name].write(delivery, folder / f"x{formats()[name].suffix}")
    found = {path.name: path.read_bytes() for path in made}
    for path in made:
        path.unlink()
    return found


def _base(feature: Feature) -> Timeline:
    """What the feature's change is made to."""
    return BASES.get(feature, lambda d: d)(_delivery())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Feature | None], dict[str, bytes]]:
    """What a format writes of a feature's base, written once."""
    folder = tmp_path_factory.mktemp("features")
    known: dict[tuple[str, Feature | None], dict[str, bytes]] = {}

    def write(name: str, feature: Feature | None) -> dict[str, bytes]:
        key = (name, feature if feature in BASES else None)
        if key not in known:
            known[key] = _bytes(name, _base(feature) if feature else _delivery(), folder)
        return known[key]

    return write


TIMELINES = [
    name for name, form in formats().items() if form.timeline and form.write and name != "aaf-embedded"
]
"""The AAF that holds its sound differs from the other in that alone. What is only read has its own."""


@pytest.mark.parametrize("feature", list(Feature), ids=lambda f: f.name.lower())
@pytest.mark.parametrize("name", TIMELINES)
def test_a_file_changes_with_what_its_format_keeps_and_with_nothing_else(name, feature, written, tmp_path):
    before = written(name, feature)
    after = _bytes(name, CHANGES[feature](_delivery()), tmp_path)
    form = formats()[name]
    if feature in form.keeps or form.partly.get(feature) in {"clips", "transition", "picture", "start"}:
        assert before != after
    elif form.partly.get(feature) == "out":
        assert sum(map(len, after.values())) < sum(map(len, before.values()))
    elif (feature, name) == (Feature.RATE, "edl"):
        assert b"29.97" not in b"".join(
            before.values()
        )  # its timecodes change with the rate it does not name
    else:
        assert before == after


READ = [(name, feature) for name in TIMELINES if formats()[name].read for feature in Feature]


def _back(name: str, delivery: Timeline, folder: Path) -> list[Timeline]:
    """Written and read."""
    form = formats()[name]
    made = form.write(delivery, folder / f"x{form.suffix}")
    read = [form.read(path) for path in made]
    for path in made:
        path.unlink()
    return read


@pytest.mark.parametrize(("name", "feature"), READ, ids=[f"{n}-{f.name.lower()}" for n, f in READ])
def test_what_a_file_keeps_is_read_back(name, feature, tmp_path):
    form = formats()[name]
    changed = _back(name, _base(feature), tmp_path) != _back(name, CHANGES[feature](_delivery()), tmp_path)
    if name == "edl" and feature in {Feature.MEDIA_START, Feature.RATE}:
        assert changed  # its timecodes are other ones; what they mean is inferred
        return
    assert changed == ((feature in form.keeps or feature in form.partly) and feature not in form.unread)


def test_every_feature_has_its_change():
    assert set(CHANGES) == set(Feature)


def test_the_table_in_the_docs_is_the_table_of_the_code():
    page = Path(__file__).parents[2] / "docs" / "formats.md"
    assert page.read_text(encoding="utf-8") == table(), (
        "write it again with: python -m rythmo_bridge.formats.format_table > docs/formats.md"
    )
