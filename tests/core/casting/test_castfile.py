"""cast.toml: what is written is read, by hand or by us; what is damaged or ambiguous is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person, Reference, StoredVector, StoredVoice
from rythmo.casting.consent import Consent
from rythmo.errors import InputError

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip)
vectors = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=8).map(
    lambda values: StoredVector.pack("toy 1", np.array(values, np.float32))
)
voices = st.builds(
    StoredVoice, names, st.sampled_from(["es", "fr"]), names, st.dictionaries(names, st.integers() | names)
)
consents = st.builds(
    Consent, names, names, names, names, st.lists(st.sampled_from(["es", "*"]), min_size=1).map(tuple),
    st.dates(), names,
)  # fmt: skip
persons = st.builds(
    Person,
    names,
    st.sampled_from(["", "#4f9dff"]),
    st.none() | st.just(Reference("references/a.wav", "0" * 64)),
    st.lists(vectors, max_size=2).map(tuple),
    st.lists(voices, max_size=2).map(tuple),
    st.lists(consents, max_size=2).map(tuple),
)


@given(st.lists(persons, max_size=4, unique_by=lambda person: person.name.casefold()))
def test_a_cast_comes_back_equal(tmp_path_factory, people):
    path = tmp_path_factory.mktemp("cast") / "cast.toml"
    cast_file.save_cast(Cast(tuple(people)), path)
    assert cast_file.load_cast(path).people == tuple(people)


def test_a_vector_comes_back_to_the_bit():
    values = np.random.default_rng(1).normal(size=256).astype(np.float32)
    assert StoredVector.pack("toy 1", values).unpack().tobytes() == values.tobytes()


HAND = """
version = 1
[[people]]
name = "Anna"
[[people.consents]]
voice_of = "Anna Example"
granted_by = "Anna Example"
granted_to = "Studio"
scope = "season 1"
languages = ["es"]
expires = 2027-12-31
reference = "00"
"""


def test_a_file_written_by_hand_is_read(tmp_path):
    (tmp_path / "cast.toml").write_text(HAND)
    (anna,) = cast_file.load_cast(tmp_path / "cast.toml").people
    assert anna.consents[0].expires == date(2027, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version = 1\npeople = 3",
        HAND.replace("version = 1", "version = 99"),
        HAND.replace('name = "Anna"', 'name = " "'),
        HAND.replace('name = "Anna"', 'name = "Anna"\nshoes = 41'),
        HAND.replace("2027-12-31", '"soon"'),
        HAND + '[[people]]\nname = "ANNA"\n',
        HAND.replace('name = "Anna"', 'name = "Anna"\nreference = {file = "../../etc/passwd", sha256 = "0"}'),
        HAND.replace('name = "Anna"', 'name = "Anna"\nreference = {file = "/etc/passwd", sha256 = "0"}'),
        HAND.replace('name = "Anna"', 'name = "Anna"\nreference = {file = "C:\\\\\\\\x.wav", sha256 = "0"}'),
    ],
)  # fmt: skip
def test_what_is_no_cast_file_is_refused(tmp_path, text):
    (tmp_path / "cast.toml").write_text(text)
    with pytest.raises(InputError):
        cast_file.load_cast(tmp_path / "cast.toml")


def test_people_are_known_by_name_in_small_letters_or_large():
    cast = Cast((Person("Änna"), Person("Ben")))
    assert cast.find_person("änna") == Person("Änna")
    renamed = cast.with_person(replace(Person("ÄNNA"), colour="#ffffff"))
    assert [person.name for person in renamed.people] == ["ÄNNA", "Ben"]
    assert [person.name for person in cast.with_person(Person("Cleo")).people] == ["Änna", "Ben", "Cleo"]
