"""Turn languages as people write them into ISO 639-1 codes, or 639-3 where there is no two-letter code."""

from __future__ import annotations

from functools import cache

from rythmo.errors import LanguageError

# The two-letter codes of ISO 639-1 with their English names.
_TABLE = """
aa Afar|ab Abkhazian|af Afrikaans|ak Akan|am Amharic|an Aragonese|ar Arabic|as Assamese|av Avaric|ay Aymara|
az Azerbaijani|ba Bashkir|be Belarusian|bg Bulgarian|bi Bislama|bm Bambara|bn Bengali|bo Tibetan|br Breton|
bs Bosnian|ca Catalan|ce Chechen|ch Chamorro|co Corsican|cr Cree|cs Czech|cv Chuvash|cy Welsh|da Danish|
de German|dv Divehi|dz Dzongkha|ee Ewe|el Greek|en English|eo Esperanto|es Spanish|et Estonian|eu Basque|
fa Persian|ff Fulah|fi Finnish|fj Fijian|fo Faroese|fr French|fy Western Frisian|ga Irish|gd Scottish Gaelic|
gl Galician|gn Guarani|gu Gujarati|gv Manx|ha Hausa|he Hebrew|hi Hindi|hr Croatian|ht Haitian|hu Hungarian|
hy Armenian|ia Interlingua|id Indonesian|ie Interlingue|ig Igbo|io Ido|is Icelandic|it Italian|iu Inuktitut|
ja Japanese|jv Javanese|ka Georgian|kg Kongo|ki Kikuyu|kk Kazakh|kl Kalaallisut|km Khmer|kn Kannada|ko Korean|
kr Kanuri|ks Kashmiri|ku Kurdish|kv Komi|kw Cornish|ky Kyrgyz|la Latin|lb Luxembourgish|lg Ganda|
li Limburgish|ln Lingala|lo Lao|lt Lithuanian|lu Luba-Katanga|lv Latvian|mg Malagasy|mh Marshallese|mi Maori|
mk Macedonian|ml Malayalam|mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|na Nauru|
nb Norwegian Bokmål|ne Nepali|nl Dutch|nn Norwegian Nynorsk|no Norwegian|nv Navajo|ny Chichewa|oc Occitan|
om Oromo|or Odia|os Ossetian|pa Punjabi|pl Polish|ps Pashto|pt Portuguese|qu Quechua|rm Romansh|rn Rundi|
ro Romanian|ru Russian|rw Kinyarwanda|sa Sanskrit|sc Sardinian|sd Sindhi|se Northern Sami|sg Sango|si Sinhala|
sk Slovak|sl Slovenian|sm Samoan|sn Shona|so Somali|sq Albanian|sr Serbian|ss Swati|st Southern Sotho|
su Sundanese|sv Swedish|sw Swahili|ta Tamil|te Telugu|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tl Tagalog|
tn Tswana|to Tonga|tr Turkish|ts Tsonga|tt Tatar|ug Uyghur|uk Ukrainian|ur Urdu|uz Uzbek|ve Venda|
vi Vietnamese|vo Volapük|wa Walloon|wo Wolof|xh Xhosa|yi Yiddish|yo Yoruba|yue Cantonese|za Zhuang|zh Chinese|
zu Zulu
"""


@cache
def language_names() -> dict[str, str]:
    """Return the English names by code."""
    return {
        code: name
        for code, _, name in (e.strip().partition(" ") for e in _TABLE.replace("\n", "").split("|"))
    }


def parse_language(text: str) -> str:
    """Return the code for "es", "ES", "es-419", "es_MX" or "Spanish". Raises LanguageError."""
    wanted = text.strip().lower().replace("_", "-")
    base = wanted.split("-", 1)[0]
    if base in language_names():
        return base
    for code, name in language_names().items():
        if name.lower() == wanted:
            return code
    raise LanguageError(
        f"{text!r} is not a language that Rythmo knows.",
        hint="Use a code such as es, fr, de, pt, it, ja or zh.",
    )


def parse_codes(text: str) -> frozenset[str]:
    """Parse a list of codes with spaces between, as engines declare them. Raises KeyError for a wrong one."""
    known = language_names()
    return frozenset(code for code in text.split() if known[code])


def language_name(code: str) -> str:
    """Return the English name, or the code itself when it is unknown."""
    return language_names().get(code, code)
