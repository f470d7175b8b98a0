"""Bytes are decoded to the text that was meant, with the help of the expected language."""

import pytest

from rythmo.errors import SubtitleError
from rythmo.languages import language_name
from rythmo_bridge.subtitles.encodings import decode, undo_double_encoding

TEXTS = {
    "ru": "Доброе утро. Совещание начинается в половине одиннадцатого. Кто тебе это сказал?",
    "uk": "Добрий ранок. Нарада починається о пів на одинадцяту. Ґанок її їжак.",
    "ja": "おはようございます。会議は10時30分に始まりますので、必ず資料を持ってきてください。",
    "zh": "早上好。会议十点半开始，请大家带上报告和数据，谢谢。",
    "ko": "좋은 아침입니다. 회의는 열 시 반에 시작합니다.",
    "el": "Καλημέρα. Η συνάντηση αρχίζει στις δέκα και μισή.",
    "he": "בוקר טוב. הישיבה מתחילה בעשר וחצי.",
    "ar": "صباح الخير. يبدأ الاجتماع في الساعة العاشرة والنصف.",
    "th": "สวัสดีตอนเช้า การประชุมเริ่มเวลาสิบโมงครึ่ง",
    "pl": "Dzień dobry. Spotkanie zaczyna się o wpół do jedenastej. Źle śpię, żółć.",
    "cs": "Dobré ráno. Schůze začíná v půl jedenácté. Kdo ti to řekl?",
    "tr": "Günaydın. Toplantı on buçukta başlıyor. Ağaç, şişe.",
    "fr": "Bonjour. La réunion commence à dix heures. Où êtes-vous, garçon ?",
    "es": "Buenos días. ¿Quién te lo ha dicho? Señor, mañana.",
    "lt": "Labas rytas. Susirinkimas prasideda pusę vienuolikos. Žąsis.",
}


@pytest.mark.parametrize(
    ("language", "page"),
    [
        *[("ru", page) for page in ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic")],
        ("uk", "cp1251"), ("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp"), ("zh", "gb18030"),
        ("ko", "cp949"), ("el", "cp1253"), ("he", "cp1255"), ("ar", "cp1256"), ("th", "cp874"),
        ("pl", "cp1250"), ("pl", "iso8859_2"), ("pl", "cp852"), ("cs", "iso8859_2"), ("tr", "cp1254"),
        ("fr", "cp1252"), ("fr", "mac_roman"), ("es", "cp850"), ("lt", "cp1257"),
    ],
)  # fmt: skip
def test_code_pages_are_found_by_the_language(language, page):
    found = decode(TEXTS[language].encode(page), "a.srt", language)
    assert (found.text, found.guessed) == (TEXTS[language], page != "iso2022_jp")


def test_what_the_user_names_is_obeyed():
    assert decode(TEXTS["ru"].encode("cp1251"), "a.srt", "en", "cp1251").text == TEXTS["ru"]
    with pytest.raises(SubtitleError, match="not text in utf-8"):
        decode(TEXTS["ru"].encode("cp1251"), "a.srt", "ru", "utf-8")
    with pytest.raises(SubtitleError, match="no text encoding called 'klingon'"):
        decode(b"a", "a.srt", "ru", "klingon")


def test_text_that_was_saved_twice_is_mended():
    broken = TEXTS["es"].encode().decode("latin_1")
    assert undo_double_encoding(broken, "es") == TEXTS["es"]
    assert undo_double_encoding(TEXTS["fr"], "fr") is None
    assert undo_double_encoding("plain", "en") is None
    twice = TEXTS["ru"].encode().decode("cp1252", "replace")
    assert undo_double_encoding(twice, "ru") is None, "what was lost cannot be read"
    lossy = "".join(bytes([b]).decode("cp1251") if b != 0x98 else "\x98" for b in TEXTS["ru"].encode())
    assert undo_double_encoding(lossy, "ru") == TEXTS["ru"]


@pytest.mark.parametrize(
    ("written", "page", "expected"),
    [
        ("ru", "cp1251", "es"), ("ru", "koi8_r", "pt"), ("ru", "cp1251", "en"), ("ja", "cp932", "es"),
        ("ja", "cp932", "zh"), ("ja", "cp932", "ko"), ("zh", "gb18030", "ja"), ("zh", "gb18030", "en"),
        ("el", "cp1253", "fr"), ("he", "cp1255", "en"), ("ar", "cp1256", "de"), ("th", "cp874", "en"),
        ("ko", "cp949", "en"), ("pl", "cp1250", "es"), ("cs", "cp1250", "fr"),
    ],
)  # fmt: skip
def test_bytes_of_another_language_are_refused(written, page, expected):
    with pytest.raises(SubtitleError, match=f"reads as {language_name(written)} in {page}"):
        decode((TEXTS[written] * 2).encode(page), "a.srt", expected)


@pytest.mark.parametrize(
    ("language", "page"),
    [
        ("ru", "cp1251"), ("ja", "cp932"), ("ja", "euc_jp"), ("zh", "gb18030"), ("pl", "iso8859_2"),
        ("cs", "cp1250"), ("es", "cp1252"),
    ],
)  # fmt: skip
def test_a_page_is_found_where_nothing_is_known(language, page):
    assert decode((TEXTS[language] * 2).encode(page), "a.srt").text == TEXTS[language] * 2


def test_bytes_of_a_western_page_in_utf8():
    data = TEXTS["fr"].encode().replace("garçon".encode(), b"gar\xe7on\x85")
    assert decode(data, "a.srt", "fr").text == TEXTS["fr"].replace("garçon", "garçon…")
    marked = b"\xef\xbb\xbf" + TEXTS["ru"].encode("cp1251")
    assert decode(marked, "a.srt", "ru").text == TEXTS["ru"], "a mark before another page"
