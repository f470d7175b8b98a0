"""What models answer instead of the JSON that was asked for, and that it is read at the first asking."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.engines.remote.json_answer import read_entries

LINES = [{"id": "S1_0001", "text": "Hola, [¿qué tal?],"}, {"id": "S2_0002", "text": 'Di "no", }'}]
WHOLE = json.dumps({"translations": LINES}, ensure_ascii=False)
BARE = json.dumps(LINES, ensure_ascii=False)

SHAPES = {
    "as asked": WHOLE,
    "a bare list": BARE,
    "fenced": f"```json\n{WHOLE}\n```",
    "fenced with a greeting and a farewell": f"Sure! Here you go:\n```\n{BARE}\n```\nAnything else?",
    "after thoughts": f"<think>{{ a [ b }}</think>{WHOLE}",
    "a comma after the last entry": WHOLE.replace("}]}", "},\n]}"),
    "a comma after the last field": WHOLE.replace('"}', '",}'),
    "two commas": WHOLE.replace("}, {", "},, {"),
    "another name": WHOLE.replace("translations", "lines"),
    "nested": f'{{"result": {WHOLE}}}',
    "one object a line": "\n".join(json.dumps(line, ensure_ascii=False) for line in LINES),
    "a table": json.dumps({line["id"]: line["text"] for line in LINES}),
    "a list with a note in brackets before it": f"[Note: done] {BARE}",
    "the question before the answer": f'{{"lines": [{{"id": "S1_0001", "text": "Hi"}}]}}\n{WHOLE}',
}


@pytest.mark.parametrize("shape", SHAPES)
def test_answers_of_every_shape_are_read(shape):
    assert list(read_entries(SHAPES[shape])) == LINES


def test_what_is_cut_off_in_the_middle_of_a_text_is_no_answer():
    assert list(read_entries(WHOLE[: WHOLE.index("no")])) == LINES[:1]


def test_a_real_line_break_in_a_text_is_read():
    assert read_entries('[{"id": "a", "text": "one\ntwo"}]') == [{"id": "a", "text": "one\ntwo"}]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4))
def test_texts_are_never_changed(texts):
    lines = [{"id": f"L{number}", "text": text} for number, text in enumerate(texts)]
    whole = json.dumps({"translations": lines}, ensure_ascii=False)
    assert list(read_entries(whole)) == lines
    assert list(read_entries(whole.replace('"}', '",}') if '"}' not in "".join(texts) else whole)) == lines


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}[]",:\\ idtext0\n', max_size=60))
def test_nothing_that_is_written_ends_in_an_error(text):
    assert isinstance(read_entries(text), list)
