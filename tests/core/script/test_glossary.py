from __future__ import annotations

import pytest

from rythmo.errors import InputError
from rythmo.script import glossary

TERMS = {"The Continental": "El Continental", "John Wick": "John Wick"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "source,target\nThe Continental,El Continental\nJohn Wick,\n"),
        ("a.csv", "The Continental;El Continental\nJohn Wick;John Wick\n"),
        ("a.tsv", "The Continental\tEl Continental\nJohn Wick\t\n"),
        ("a.toml", 'keep = ["John Wick"]\n[terms]\n"The Continental" = "El Continental"\n'),
        ("a.txt", "# names\nThe Continental = El Continental\n\nJohn Wick\n"),
        ("bom.txt", "\ufeffThe Continental = El Continental\nJohn Wick\n"),
    ],
)
def test_every_form_gives_the_same_terms(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert glossary.read_glossary(path) == TERMS


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"a,b,c\n"),
        ("a.csv", b""),
        ("a.toml", b"terms = 3"),
        ("a.toml", b"[terms]\na = 1\n"),
        ("a.toml", b"[words]\na = 'b'\n"),
        ("a.toml", b"="),
        ("a.txt", b"# nothing\n"),
        ("a.txt", b"\xff\xfe\x00"),
    ],
)
def test_what_is_no_glossary_is_told(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        glossary.read_glossary(tmp_path / name)
    assert caught.value.hint


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError):
        glossary.read_glossary(tmp_path / "none.csv")


def test_only_terms_that_are_said_are_wanted():
    assert glossary.select_terms(["john wick is back"], TERMS) == {"John Wick": "John Wick"}
    assert glossary.select_terms(["the wicker man, Johnny"], TERMS) == {}
    assert glossary.select_terms(["他说你好"], {"你好": "hello"}) == {"你好": "hello"}
