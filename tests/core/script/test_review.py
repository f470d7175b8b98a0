"""Review states and comments: who may change what, what they cost, and that they last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from dubbed_script import make_script

from rythmo.errors import ScriptError
from rythmo.script import store
from rythmo.script.diff import carry_over_edits
from rythmo.script.edits import edit_line, use_take
from rythmo.script.review_edits import add_comment, delete_comment, edit_comment, set_review_state
from rythmo.script.review_state import ReviewState
from rythmo.script.subtitle_file import FileCue
from rythmo.stages.user_translation import pair_translation
from rythmo_bridge.script_timeline import script_timeline
from rythmo_plugin.service.script_merge import merge_scripts

WHEN = datetime(2026, 11, 30, 10, 15, tzinfo=UTC)


@pytest.fixture
def script():
    return make_script(count=4)


@pytest.fixture
def line_id(script):
    return script.lines[0].id


def state(script, line_id):
    return script.line(line_id).review_state


def test_the_state_of_a_line_follows_from_whose_words_it_has(script, line_id):
    assert state(script, line_id) is ReviewState.NEW
    assert state(edit_line(script, line_id, translation="otra"), line_id) is ReviewState.TRANSLATED


def test_edited_words_are_no_longer_approved(script, line_id):
    approved = set_review_state(script, line_id, ReviewState.APPROVED)
    assert approved.line(line_id).is_approved
    assert "translation" in approved.line(line_id).edited, "no engine rewords it"
    assert state(edit_line(approved, line_id, translation="otra"), line_id) is ReviewState.TRANSLATED
    assert state(edit_line(approved, line_id, direction="tired"), line_id) is ReviewState.APPROVED
    assert state(use_take(approved, line_id, "t01"), line_id) is ReviewState.TRANSLATED


def test_a_corrected_original_leaves_approved_words_and_asks_for_a_look(script, line_id):
    approved = set_review_state(script, line_id, ReviewState.APPROVED)
    corrected = edit_line(approved, line_id, text="something else").line(line_id)
    assert corrected.translation == script.line(line_id).translation
    assert corrected.review_state is ReviewState.TRANSLATED
    reviewed = set_review_state(script, line_id, ReviewState.REVIEWED)
    corrected = edit_line(reviewed, line_id, text="something else").line(line_id)
    assert (corrected.translation, corrected.review_state) == ("", ReviewState.NEW)


def test_nothing_is_approved_that_has_no_words(script, line_id):
    empty = script.with_line(replace(script.line(line_id), translation=""))
    with pytest.raises(ScriptError, match="no translation"):
        set_review_state(empty, line_id, ReviewState.APPROVED)
    silent = edit_line(script, line_id, translation="")
    assert state(set_review_state(silent, line_id, ReviewState.APPROVED), line_id) is ReviewState.APPROVED


def test_comments_are_many_have_stable_ids_and_are_resolved(script, line_id):
    script, first = add_comment(script, line_id, " Is this\na joke? ", author="Ana", time=WHEN)
    script, second = add_comment(script, line_id, "Yes.", author="Böb", time=WHEN)
    assert (first, second) == ("c1", "c2")
    script = edit_comment(script, line_id, first, resolved=True)
    assert [c.text for c in script.line(line_id).open_comments] == ["Yes."]
    script = delete_comment(script, line_id, first)
    script, third = add_comment(script, line_id, "More", author="Ana", time=WHEN)
    assert third == "c3"
    comment = script.line(line_id).comments[1]
    assert (comment.author, comment.time, comment.text) == ("Ana", "2026-11-30T10:15:00Z", "More")


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5001])
def test_a_comment_needs_words_and_ends_somewhere(script, line_id, text):
    with pytest.raises(ScriptError):
        add_comment(script, line_id, text, author="Ana")


def test_an_unknown_comment_is_named(script, line_id):
    with pytest.raises(ScriptError, match="c7"):
        edit_comment(script, line_id, "c7", resolved=True)


def test_both_are_stored_and_an_older_script_has_neither(script, line_id, tmp_path):
    script = set_review_state(script, line_id, ReviewState.REVIEWED)
    script, _ = add_comment(script, line_id, "Look", author="Ana", time=WHEN)
    path = tmp_path / "script.json"
    store.save_script(script, path)
    assert store.load_script(path) == script
    document = msgspec.json.decode(path.read_bytes())
    document["version"] = 3
    for line in document["script"]["lines"]:
        del line["review"], line["comments"]
    old = store.parse_script(msgspec.json.encode(document), path)
    assert {line.review_state for line in old.lines} == {ReviewState.NEW, ReviewState.TRANSLATED}


def test_both_survive_another_dub(script, line_id):
    judged = set_review_state(script, line_id, ReviewState.APPROVED)
    judged, _ = add_comment(judged, line_id, "Look", author="Ana", time=WHEN)
    again = carry_over_edits(judged, script).line(line_id)
    assert again.is_approved and again.comments[0].text == "Look"


def test_a_file_of_translations_leaves_approved_lines(script, line_id):
    approved = set_review_state(script, line_id, ReviewState.APPROVED)
    cues = [FileCue(line.start, line.end, f"nuevo {n}") for n, line in enumerate(script.lines)]
    paired = pair_translation(approved.lines, cues, {})
    assert paired.lines[0] == approved.lines[0]
    assert paired.lines[1].translation == "nuevo 1"


def test_a_comment_made_while_a_line_is_voiced_loses_neither(script, line_id):
    mine, _ = add_comment(script, line_id, "Look", author="Ana", time=WHEN)
    theirs = script.with_line(replace(script.line(line_id), chosen="t01"))
    merged = merge_scripts(script, mine, theirs).line(line_id)
    assert (merged.chosen, len(merged.comments)) == ("t01", 1)


def test_open_comments_are_markers(script, line_id, tmp_path):
    script, first = add_comment(script, line_id, "Is this a joke?", author="Ana", time=WHEN)
    (marker,) = script_timeline(script, tmp_path).markers
    assert (marker.name, marker.note) == (f"{line_id} comment", "Ana: Is this a joke?")
    assert not script_timeline(edit_comment(script, line_id, first, resolved=True), tmp_path).markers
