"""What every source of text passes: wrappings off, refusals, other languages, the same words again."""

from __future__ import annotations

import pytest

from rythmo.script import language_check
from rythmo.script.answer_wrapping import strip_wrapping
from rythmo.script.text_checks import find_faults, find_repeats, is_in_script

HELLO = "Good morning to all of you."


@pytest.mark.parametrize(
    ("answer", "original", "text"),
    [
        ("«Buenos días a todos.»", HELLO, "Buenos días a todos."),
        ('"Buenos días"', '"Good morning"', '"Buenos días"'),
        ("Translation: Buenos días.", HELLO, "Buenos días."),
        ("Here is the translation:\nBuenos días.", HELLO, "Buenos días."),
        ("Buenos días.\n\nNote: I kept the tone.", HELLO, "Buenos días."),
        ("Buenos días. (Nota: saludo formal)", HELLO, "Buenos días."),
        ("Nota: no fumar.", "Note: no smoking.", "Nota: no fumar."),
        ("**Buenos días**", HELLO, "Buenos días"),
        ("ANNA: Buenos días.", HELLO, "Buenos días."),
        ("[S1] : Buenos días.", HELLO, "Buenos días."),
        ("Pedro: ven aquí.", "Pedro: come here.", "Pedro: ven aquí."),
        ("Recuerda: ven.", HELLO, "Recuerda: ven."),
        ("Claro, escucha: ven.", "Right, listen: come here.", "Claro, escucha: ven."),
        ("'Twas nothing, 'tis true'", HELLO, "'Twas nothing, 'tis true'"),
        ("“Sí” y “no”", HELLO, "“Sí” y “no”"),
    ],
)
def test_what_models_put_around_an_answer_is_taken_off(answer, original, text):
    assert strip_wrapping(answer, original, ("S1", "Anna")) == text


@pytest.mark.parametrize(
    ("original", "text", "code"),
    [
        (HELLO, "I'm sorry, I can't assist with that.", "refusal"),
        (HELLO, "Lo siento, pero no puedo ayudar con eso.", "refusal"),
        (HELLO, "As an AI language model, I cannot do this.", "refusal"),
        (HELLO, "抱歉，我无法翻译。", "refusal"),
        ("I'm sorry, I can't go with you.", "Lo siento, no puedo ir contigo.", None),
        ("Sorry, I can't help you.", "Lo siento, no puedo ayudarte.", None),
        (HELLO, "Buenos días a todos ustedes.", None),
        (HELLO, HELLO, "language"),
        (HELLO, "Доброе утро всем вам.", "language"),
        (HELLO, "Good morning to every one of you people here.", "language"),
        (HELLO, " ", "empty"),
        (HELLO, "...", "empty"),
        (HELLO, "N/A", "empty"),
        (HELLO, "[untranslatable]", "empty"),
        (HELLO, "Sure! Here's the translation: Buenos días a todos.", "chatter"),
        (HELLO, "Buenos días a todos. (Nota: saludo formal)", "chatter"),
        (HELLO, "Claro, aquí tienes: buenos días a todos.", "chatter"),
        ("Listen, they are coming now.", "Claro, escucha: ya vienen.", None),
        ("I don't know. We could go if you want.", "No lo sé.\nSi quieres, vamos.", None),
        ("Null.", "Nulo.", None),
        ("...", "...", None),
        (HELLO, "Unfortunately, I can't translate that.", "refusal"),
        (HELLO, "Please provide the text to translate.", "refusal"),
        (HELLO, "Por favor, proporcione el texto que desea traducir.", "refusal"),
        (HELLO, "No puedo ayudarte con esa solicitud.", "refusal"),
        (HELLO, "Je ne peux pas traduire ce texte.", "refusal"),
        ("I can't help you.", "No puedo ayudarte con eso.", None),
        ("I cannot translate that.", "No puedo traducir eso.", None),
        (HELLO, "Buenos días " * 6, "size"),
        ("No, no! No, no! No, no! No, no!", "¡No, no! ¡No, no! ¡No, no! ¡No, no!", None),
        (HELLO, "Buenos d\ufffdas a todos.", "size"),
    ],
)
def test_faults(original, text, code):
    found = find_faults(original, text, source="en", target="es", detect=language_check.compare_languages)
    assert [fault.code for fault in found] == ([code] if code else [])


def test_the_same_words_for_three_lines_are_found():
    same = [("One.", "Hola."), ("Two.", "Hola."), ("Three.", "Hola."), ("Four.", "Cuatro.")]
    assert find_repeats(same) == {0, 1, 2}
    assert not find_repeats([("No.", "No."), ("No.", "No."), ("No!", "No.")])
    assert not find_repeats(same[:2])


def test_letters_of_the_language():
    assert is_in_script("Dr. Smith", "zh") and not is_in_script("Good morning all", "zh")
    assert is_in_script("好的，我今天就做。", "zh") and not is_in_script("好的，我今天就做好不好。", "en")
    assert is_in_script("anything at all", "xx")
