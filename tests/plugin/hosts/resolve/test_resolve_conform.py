"""Back again: the editor moves things about in Resolve, and only what changed is placed anew."""

from __future__ import annotations

import pytest
from fake_resolve import Manners
from resolve_stage import RUNS, WANTS, by_python, ours, require_every_line_on_its_sample
from service_under_test import Client, revise


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
    assert "Nothing to conform" in conform(host)
    assert standing(host) == untouched

    clip(host, "S1_0003").start += 7
    trimmed = clip(host, "S3_0004")
    trimmed.length -= 5
    host.current.DeleteClips([clip(host, "S2")])
    kept = {item.name for item in ours(host) if item.name.startswith("S1")}
    assert "are in place" in conform(host)
    assert {item.name for item in ours(host)} >= kept, "a line that only moved is not brought again"
    assert not any(item.name.startswith("S2") for item in ours(host)), "nor is one that was taken out"
    assert clip(host, "S3_0004").name != trimmed.name, "a trimmed line has a file of what is left"
    require_every_line_on_its_sample(host)


def test_the_lua_script_does_it_too(dubbed, conform):
    host = dubbed("Edited too")
    clip(host, "S1_0003").start += 7
    assert "are in place" in conform(host, "lua")
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
    assert "This timeline holds no dub made by Rythmo" in conform(resolve(Manners()))


def test_a_line_that_was_changed_on_the_page_is_placed_anew(dubbed, conform, service):
    host = dubbed("Revised")
    before = standing(host)
    revise(service, "Revised", "S1_0003", translation="algo muy distinto de lo que se dijo")
    said = conform(host)
    assert "are in place" in said
    assert "taken off" not in said
    (row,) = Client(service.port, service.token).call("GET", "/hosts/sessions")["sessions"][0]["rows"]
    assert (row["line"], row["what"]) == ("S1_0003", "another take")
    after = standing(host)
    assert {name.split("-")[0] for name, *_ in before - after} == {"S1_0003_t01"}
    ((name, start, length),) = after - before
    assert name.startswith("S1_0003_t02")
    assert (start, length) > (90_052, 12), "with all of its new length: the old clip was no trim"
    assert "algo muy distinto" in host.current.tracks["subtitle"][0].items[-1].name
    require_every_line_on_its_sample(host)
    assert "Nothing to conform" in conform(host)


def test_a_line_that_was_changed_on_the_page_and_moved_is_both(dubbed, conform, service):
    host = dubbed("Revised")
    revise(service, "Revised", "S2_0002", translation="otra cosa")
    clip(host, "S2_0002").start += 3
    was = clip(host, "S2_0002").start
    assert "are in place" in conform(host)
    assert clip(host, "S2_0002").name.startswith("S2_0002_t02")
    assert clip(host, "S2_0002").start == was
    require_every_line_on_its_sample(host)
