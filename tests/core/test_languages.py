"""Language codes."""

import pytest

from rythmo import languages
from rythmo.errors import LanguageError


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("es-419", "es"),
        ("pt_BR", "pt"),
        ("Spanish", "es"),
        (" zh ", "zh"),
        ("yue", "yue"),
    ],
)
def test_codes_as_people_write_them(written, code):
    assert languages.parse_language(written) == code


@pytest.mark.parametrize("bad", ["", "klingon", "xx", "e", "--"])
def test_unknown_languages_get_a_hint(bad):
    with pytest.raises(LanguageError) as caught:
        languages.parse_language(bad)
    assert "es" in caught.value.hint


def test_every_code_has_a_name():
    table = languages.language_names()
    assert len(table) >= 170
    assert all(2 <= len(code) <= 3 and name[0].isupper() for code, name in table.items())
    assert languages.language_name("es") == "Spanish"
    assert languages.language_name("qqq") == "qqq"


def test_a_table_of_codes_holds_only_codes():
    assert languages.parse_codes("es en  yue") == {"es", "en", "yue"}
    with pytest.raises(KeyError, match="xx"):
        languages.parse_codes("es xx")
