"""What a voice would read wrong is written out first."""

from __future__ import annotations

import pytest

from rythmo.engines.speech.spoken_text import wording_of, write_out


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("en", "Dr. Smith lives at St. Ives.", "Doctor Smith lives at Saint Ives."),
        ("en", "No. 5 is alive. No. I said no.", "number 5 is alive. No. I said no."),
        ("en", "It was 10:30, then 10:00, then 9:05.", "It was 10 30, then 10 o'clock, then 9 oh 5."),
        ("en", "$5.50, $1, £1,000 and 3 €", "5 dollars and 50 cents, 1 dollar, 1,000 pounds and 3 euros"),
        ("en", "In 1999, 1900, 1805, 2005 and 2019.", "In 19 99, 19 hundred, 18 oh 5, 2005 and 20 19."),
        ("en", "Pens, paper, etc. They left at 9 p.m.", "Pens, paper, et cetera. They left at 9 P M."),
        ("en", "3-4 of them at -5 degrees", "3 to 4 of them at minus 5 degrees"),
        ("pt-br", "O Sr. Silva pagou R$ 5,50.", "O senhor Silva pagou 5 reais e 50 centavos."),
        ("pt-br", "às 14h30", "às 14 e 30"),
        ("pt", "R$ 1.000.000 às 14h", "1.000.000 reais às 14 horas"),
        ("es-419", "La Dra. Ruiz, nº 5: 5,20€", "La doctora Ruiz, número 5: 5 euros con 20 céntimos"),
        ("fr", "M. Dupont et Mme Curie, 10h30", "monsieur Dupont et madame Curie, 10 heures 30"),
        ("it", "Il Sig. Rossi, la Sig.ra Bo", "Il signor Rossi, la signora Bo"),
        ("de", "Dr. Bo, 1999, um 10:30 Uhr, z.B.", "Doktor Bo, 19 hundert 99, um 10 Uhr 30, zum Beispiel."),
        ("hi", "₹5", "5 रुपये"),
    ],
)  # fmt: skip
def test_signs_become_words(language, written, spoken) -> None:
    assert write_out(written, language) == spoken


@pytest.mark.parametrize("text", ["Come in.", "1,000,000 men", "Version 2.0.1", "10.5 percent", "a-b, 1-a"])
def test_what_is_read_right_stays(text) -> None:
    assert write_out(text, "en") == text


def test_a_language_without_a_table_stays_as_it_is() -> None:
    assert wording_of("pl") is None
    assert write_out("Dr. Nowak, 5 zł", "pl") == "Dr. Nowak, 5 zł"
