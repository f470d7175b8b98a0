"""Back again: the editor moves things about in Resolve, and only what changed is placed anew."""

from __future__ import annotations

import pytest
from fake_resolve import Manners
from resolve_stage import RUNS, WANTS, by_python, ours, require_every_line_on_its_sample


@pytest.fixture
def dubbed(resolve, service, tmp_path):
    """A dub of its own on a timeline, ready to be edited."""

    def make(name, manners=None):
        host = resolve(manners, name=name)
        assert "All 5 clips" in by_python(host, "Rythmo - Dub", service.home, tmp_path, **WANTS)
        return host

    return make


@pytest.fixture
def conform(service, tmp_path):
    def run(host, script="python"):
        return RUNS[script](host, "Rythmo - Conform", service.home, tmp_path, apply="1")

    return run


def clip(host, head):
    return next(item for item in ours(host) if item.name.startswith(head))


def standing(host):
    return {(item.name, item.start, item.length) for item in ours(host)}


def test_lines_follow_the_edit(dubbed, conform):
    host = dubbed("Edited")
    untouched = standing(host)
    assert "Nothing to bring in line" in conform(host)
    assert standing(host) == untouched

    clip(host, "S1_0003").start += 7
    trimmed = clip(host, "S3_0004")
    trimmed.length -= 5
    host.current.DeleteClips([clip(host, "S2")])
    kept = {item.name for item in ours(host) if item.name.startswith("S1")}
    assert "stand where they should" in conform(host)
    assert {item.name for item in ours(host)} >= kept, "a line that only moved is not brought again"
    assert not any(item.name.startswith("S2") for item in ours(host)), "nor is one that was taken out"
    assert clip(host, "S3_0004").name != trimmed.name, "a trimmed line is fitted anew"
    require_every_line_on_its_sample(host)


def test_the_lua_script_does_it_too(dubbed, conform):
    host = dubbed("Edited too")
    clip(host, "S1_0003").start += 7
    assert "stand where they should" in conform(host, "lua")
    require_every_line_on_its_sample(host)


def test_a_bed_that_was_cut_is_left_alone(dubbed, conform):
    host = dubbed("Cut bed")
    bed = clip(host, "ME")
    bed.start, bed.length, bed.source = bed.start + 10, bed.length - 10, 10 * 1920
    clip(host, "S1_0003").start += 7
    cut = bed.name, bed.start, bed.length
    assert "The M&E was cut by hand" in conform(host)
    assert cut in standing(host)


def test_a_timeline_without_a_dub_is_told(resolve, conform):
    assert "No dub of Rythmo's was found" in conform(resolve(Manners()))
