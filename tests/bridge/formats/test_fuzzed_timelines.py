"""Seeded damage to small timelines of every format: read or rejected with one line, quickly, without a
traceback.
"""

from __future__ import annotations

import random
import time

import pytest

from rythmo.errors import RythmoError
from rythmo_bridge.deliver import deliver
from rythmo_bridge.formats.registry import read_timeline

TRIES = {"otio": 120, "fcp7": 120, "fcpxml": 120, "edl": 120, "aaf": 60}
_WORDS = (b"0", b"-1", b"99999999999", b"1/0", b"nan", b"", b"00:00:00:00", b"1e400", b"\x00", b"\xff\xfe")


def _damaged(data: bytes, pick: random.Random) -> bytes:
    """One to four random changes: bytes flipped, cut, doubled, or numbers replaced."""
    changed = bytearray(data)
    for _ in range(pick.randrange(1, 5)):
        at = pick.randrange(max(1, len(changed)))
        end = min(len(changed), at + pick.choice((1, 2, 8, 40, 400)))
        kind = pick.randrange(5)
        if kind == 0:
            changed[at:end] = pick.randbytes(end - at)
        elif kind == 1:
            del changed[at:end]
        elif kind == 2:
            changed[at:at] = changed[at:end] * pick.choice((1, 3))
        elif kind == 3:
            changed[at:end] = pick.choice(_WORDS)
        else:
            changed[at : at + 1] = bytes([changed[at] ^ (1 << pick.randrange(8))]) if changed else b""
    return bytes(changed)


@pytest.mark.parametrize("name", TRIES)
def test_damage_is_read_or_refused(dub, tmp_path, name):
    source = deliver(dub.folder, dub.script, [name], source=dub.source)[0]
    whole, pick = source.read_bytes(), random.Random(name)
    target = tmp_path / f"damaged{source.suffix}"
    for _ in range(TRIES[name]):
        target.write_bytes(_damaged(whole, pick))
        begun = time.process_time()
        try:
            read_timeline(target)
        except RythmoError as error:
            assert "\n" not in error.message
        assert time.process_time() - begun < 5


def _nest(levels: int, width: int) -> str:
    media = [
        f'<media id="m{n}"><sequence format="r1" duration="100s"><spine>'
        + f'<ref-clip ref="m{n + 1}" name="n{n}" duration="2s"/>' * width
        + "</spine></sequence></media>"
        for n in range(levels)
    ]
    title = '<sequence format="r1"><spine><title duration="2s"/></spine></sequence>'
    last = f'<media id="m{levels}">{title}</media>'
    form = '<format id="r1" frameDuration="1/25s"/>'
    story = '<sequence format="r1"><spine><ref-clip ref="m0" duration="2s"/></spine></sequence>'
    inside = f"<resources>{form}{''.join(media)}{last}</resources><project name='p'>{story}</project>"
    return f'<fcpxml version="1.10">{inside}</fcpxml>'


@pytest.mark.parametrize(("levels", "width"), [(6, 6), (9, 9), (14, 3)])
def test_nests_that_stand_for_millions_are_refused_at_once(tmp_path, levels, width):
    path = tmp_path / "a.fcpxml"
    path.write_text(_nest(levels, width))
    begun = time.process_time()
    with pytest.raises(RythmoError, match="nested clips"):
        read_timeline(path)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("events", [2_000, 20_000])
def test_events_at_one_time_are_refused_at_once(tmp_path, events):
    path = tmp_path / "a.edl"
    path.write_text("001 AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n" * events)
    begun = time.process_time()
    with pytest.raises(RythmoError, match="at the same time"):
        read_timeline(path)
    # 3 s, and twice that while coverage is measured; by pairs it took 50.
    assert time.process_time() - begun < 8
