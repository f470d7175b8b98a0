"""Which tracks are dialogue and which are M&E."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.errors import UsageError
from rythmo_bridge.assemble.track_roles import Use, sound_uses, use_of_name
from rythmo_bridge.timeline import Item, Kind, Timeline, Track


def timeline(*names: str, **roles: str) -> Timeline:
    tracks = tuple(
        Track(
            name,
            Kind.AUDIO,
            items=(Item("clip", 0, 100, "m", metadata={"audio_role": roles[name]} if name in roles else {}),),
        )
        for name in names
    )
    return Timeline("t", Fraction(25), 100, tracks=tracks)


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("DX", Use.DIALOGUE),
        ("DX 1", Use.DIALOGUE),
        ("DIA01", Use.DIALOGUE),
        ("dialogue.boom", Use.DIALOGUE),
        ("Dialog_LAV", Use.DIALOGUE),
        ("ADR", Use.DIALOGUE),
        ("A3 MX", Use.ME),
        ("M&E", Use.ME),
        ("M & E stereo", Use.ME),
        ("SFX_Hard", Use.ME),
        ("music.music-1", Use.ME),
        ("effects", Use.ME),
        ("FX1", Use.ME),
        ("Foley", Use.ME),
        ("MIX", Use.MIX),
        ("A1", Use.UNKNOWN),
        ("Audio 1", Use.UNKNOWN),
        ("Medium", Use.UNKNOWN),
        ("Adxler", Use.UNKNOWN),
    ],
)
def test_names(name, use):
    assert use_of_name(name) is use


def test_names_decide_when_they_speak_for_every_track():
    found = sound_uses(timeline("DX 1", "MX", "SFX"))
    assert found.known
    assert found.tracks(Use.DIALOGUE) == (0,)
    assert found.tracks(Use.ME) == (1, 2)


def test_one_track_without_a_telling_name_leaves_all_to_separation_and_says_so():
    found = sound_uses(timeline("VO", "A2", "MX"))
    assert not found.known
    assert "A2 may be anything" in found.notes[0]


def test_music_alone_says_nothing_of_dialogue():
    assert not sound_uses(timeline("MX", "SFX")).known


def test_a_mix_beside_its_parts_is_left_out():
    found = sound_uses(timeline("DX", "M&E", "MIX"))
    assert found.known
    assert found.tracks(Use.MIX) == (2,)


def test_the_roles_of_clips_win_over_names():
    found = sound_uses(timeline("A1", "A2", A1="dialogue.dialogue-1", A2="effects"))
    assert found.known
    assert found.tracks(Use.ME) == (1,)


def test_what_the_user_says_wins_and_one_list_says_all():
    assert sound_uses(timeline("MX", "A2", "A3"), ("A1", "a2"), ()).of == (
        (Use.DIALOGUE,),
        (Use.DIALOGUE,),
        (Use.ME,),
    )
    assert sound_uses(timeline("A1", "A2", "Room"), (), ("room",)).of == (
        (Use.DIALOGUE,),
        (Use.DIALOGUE,),
        (Use.ME,),
    )


def test_tracks_that_are_not_there_are_told_with_those_that_are():
    with pytest.raises(UsageError, match="no sound track 'A9'") as caught:
        sound_uses(timeline("Boom", "A2"), ("A9",), ())
    assert caught.value.hint == "Its sound tracks: A1 (Boom), A2."
    with pytest.raises(UsageError, match="both dialogue and M&E"):
        sound_uses(timeline("A1", "A2"), ("A1",), ("A1",))


def test_what_is_off_is_not_told_of():
    whole = timeline("Boom", "Bed", "Temp")
    off = replace(whole.tracks[2], enabled=False)
    found = sound_uses(replace(whole, tracks=(*whole.tracks[:2], off)), ["Boom"])
    assert found.notes == ("Dialogue: Boom. M&E: Bed. They are used without separation.",)
