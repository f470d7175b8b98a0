"""Doubtful translations are found by their text, and good ones are not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.qc.translation_checks import judge_translations
from rythmo.script.model import Flag, Line, Programme, Script, Severity, Speaker

ORIGINAL = "I have not seen my daughter for seven years, and nobody wants to tell me where she lives."
GOOD = {
    "es": "Hace siete años que no veo a mi hija, y nadie quiere decirme dónde vive.",
    "pt": "Não vejo a minha filha há sete anos, e ninguém quer me dizer onde ela mora.",
    "de": "Ich habe meine Tochter seit sieben Jahren nicht gesehen, und niemand sagt mir, wo sie wohnt.",
    "zh": "我已经七年没见过女儿了，谁也不愿意告诉我她住在哪里。",
    "ja": "もう七年も娘に会っていないし、どこに住んでいるのか誰も教えてくれない。",
}


def judge(translation, target="es", *, text=ORIGINAL, **changes):
    line = Line("S1_0001", "S1", 0, 240_000, text, translation=translation)
    script = Script(
        Programme("Film", "film.mov", 480_000, 48_000, 1, Fraction(25)),
        "en",
        target,
        (Speaker("S1", "Anna"),),
        (replace(line, **changes),),
    )
    return [(one.line, one.code, one.severity) for one in judge_translations(script)]


@pytest.mark.parametrize("target", GOOD)
def test_a_good_translation_is_left_alone(target):
    assert judge(GOOD[target], target) == []


DOUBTFUL = [("S1_0001", "doubtful-translation", Severity.WARNING)]


@pytest.mark.parametrize(
    ("target", "translation"),
    [
        ("es", ORIGINAL),
        ("es", "Nobody has told me anything about where my daughter may be living these days."),
        ("es", "Hace siete años."),
        ("zh", "七年了。"),
        ("es", GOOD["es"] + " " + GOOD["es"] + " Eso es lo que quería decirte desde hace mucho tiempo."),
        ("ja", GOOD["es"]),
    ],
)
def test_copies_other_languages_and_odd_lengths_are_doubtful(target, translation):
    assert judge(translation, target) == DOUBTFUL


def test_no_translation_is_an_error():
    assert judge("") == [("S1_0001", "no-translation", Severity.ERROR)]
    assert judge("", text="[door slams]") == []


def test_what_is_flagged_already_and_what_a_person_wrote_short_is_not_told():
    assert judge(ORIGINAL, flags=(Flag("doubtful-translation", "It was not translated."),)) == []
    short = "Hace siete años que no la veo."
    assert judge(short) == DOUBTFUL
    assert judge(short, edited=("translation",)) == []


@pytest.mark.parametrize(
    ("text", "translation", "doubtful"),
    [
        ("He was born here in 1984, in the old house.", "Nació aquí en 1994, en la casa vieja.", True),
        ("He was born here in 1984, in the old house.", "Nació aquí en 1984, en la casa vieja.", False),
        ("It cost 43,000 dollars, no less than that.", "Costó 43.000 dólares, nada menos que eso.", False),
        (
            "We meet at 10:30 in the big room upstairs.",
            "Nos vemos a las diez y media en la sala grande.",
            False,
        ),
        ("We meet at 10:30 in the big room upstairs.", "Nos vemos a las 10.45 en la sala grande.", True),
    ],
)
def test_another_figure_is_doubtful(text, translation, doubtful):
    assert judge(translation, text=text) == (DOUBTFUL if doubtful else [])
