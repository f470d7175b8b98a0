"""What language models put around a translation is taken off; what the original has itself stays."""

from __future__ import annotations

import pytest

from rythmo.script.answer_wrapping import strip_wrapping

HELLO = "Good morning to all of you."
HOLA = "Buenos días a todos."


@pytest.mark.parametrize(
    "answer",
    [
        "¡Claro! Aquí tienes la traducción: {}",
        "Claro, aquí está la traducción:\n\n«{}»",
        "Voici la traduction : {}",
        "Hier ist die Übersetzung: {}",
        "Вот перевод: {}",
        "以下是翻译：{}",
        'Here\'s the Spanish translation of the line: "{}"',
        "Translation (Spanish): {}",
        "[Translation] {}",
        "In Spanish: {}",
        "Español: {}",
        "ES: {}",
        "es-MX: {}",
        "Line 12: {}",
        "Assistant: {}",
        "English: " + HELLO + "\nSpanish: {}",
        HELLO + " -> {}",
        HELLO + "\n{}",
        "<think>The user wants Spanish.</think>{}",
        "<|im_start|>{}<|im_end|>",
        "{}</s>",
        "```\n{}\n```",
        '{{"text": "{}"}}',
        "<b>{}</b>",
        "**{}**",
        "*{}*",
        "# {}",
        "1. {}",
        "- {}",
        "(ANNA) {}",
        "Anna (smiling): {}",
        "Anna — {}",
        "S1: {}",
        "{} ✅",
        "{} (27 characters)",
        "{} [12 words]",
        "{} (or: Buen día a todos.)",
        "{} (Literally: good days to all)",
        "{} / Buen día a todos.",
        "Option 1: {}\nOption 2: Buen día.",
        "“{}” — this keeps the tone.",
        "{}\n\nLet me know if you need anything else!",
        "{}\nI hope this helps!",
        "{}\n\n¿Necesitas algo más?",
        "{}\n\n---\nTranslator's note: formal.",
        "{}\nNote that 'todos' is masculine.",
    ],
)
def test_only_the_words_remain(answer):
    assert strip_wrapping(answer.format(HOLA), HELLO, ("S1", "Anna")) == HOLA


@pytest.mark.parametrize(
    ("original", "translation"),
    [
        ("- Yes, sir.", "- Sí, señor."),
        ("1. Cut the wire.", "1. Corta el cable."),
        ("The translation reads: go home.", "La traducción dice: vete a casa."),
        ("Remember: be kind.", "Recuerda: sé amable."),
        ("Either / or. It is the same.", "O esto / o lo otro. Es lo mismo."),
        ("It was ten (or eleven).", "Eran las diez (o las once)."),
        ("Here is the thing: we lost.", "La cosa es esta: perdimos."),
        ("Pedro: come here.", "Pedro: ven aquí."),
        ("He learned three languages. Spanish: hard.", "Aprendió tres idiomas. Español: difícil."),
        ("First line.\nSecond line.", "Primera línea.\nSegunda línea."),
        ("I *said* no.", "*Dije* que no."),
        ("It is 5 ° outside 😀", "Hace 5 ° fuera 😀"),
        ("No.", "No."),
        ("", "Hola."),
    ],
)
def test_what_the_original_has_stays(original, translation):
    assert strip_wrapping(translation, original, ("S1", "Anna")) == translation


@pytest.mark.parametrize("nothing", ["", " ", "```\n```", "<think>hm</think>", '""', "{}", "---", "1."])
def test_an_answer_without_words_does_not_break_it(nothing):
    assert isinstance(strip_wrapping(nothing, HELLO), str)
