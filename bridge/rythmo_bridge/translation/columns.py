"""Recognise the columns of a translator's table by their heads, in the languages that such tables come in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rythmo import languages
from rythmo.errors import InputError, LanguageError, UsageError
from rythmo_bridge.tables.sheet import ReadCell, ReadTable, find_cell


class Field(StrEnum):
    """What a column holds."""

    ID = "id"
    CHARACTER = "character"
    START = "in"
    END = "out"
    SOURCE = "source"
    TARGET = "target"
    DIRECTION = "direction"
    COMMENT = "comment"
    STATE = "state"
    STAMP = "stamp"


LINE, CHARACTER, START, END = "Line", "Character", "In", "Out"
ORIGINAL, TRANSLATION, DIRECTION, COMMENTS,STATE, STAMP = (
    "Original", "Translation", "Direction", "Comments", "State", "As exported",
)  # fmt: skip
_HEADS: Mapping[Field, str] = {
    Field.ID: "line, line id, id, lineid, rythmo id, zeile, zeilen id, linea, id linea, ligne, identifiant,"
    " riga, linha, строка, ид, 行, 编号, ライン",
    Field.CHARACTER: "character, speaker, role, name, actor, talent, figur, sprecher, rolle, personaje, voz,"
    " personnage, voix, role, personaggio, parlante, personagem, falante, postac, персонаж, роль, 角色, 人物,"
    " 役, キャラクター",
    Field.START: "in, start, tc in, timecode in, in time, in cue, start time, timecode, tcin, begin, anfang,"
    " beginn, inicio, entrada, debut, entree, inizio, entrata, начало, вход, 开始, 入点, 開始, イン",
    Field.END: "out, end, tc out, timecode out, out time, end time, tcout, ende, fin, salida, sortie, fine,"
    " uscita, fim, saida, конец, выход, 结束, 出点, 終了, アウト",
    Field.SOURCE: "original, source, source text, original text, source language, dialogue, dialog, text,"
    " originaltext, quelltext, texto original, texto fuente, texte original, source original, vo,"
    " testo originale, originale, texto de origem, oryginal, оригинал, исходный текст, 原文, オリジナル",
    Field.TARGET: "translation, target, target text, translated text, target language, dubbed text, dub,"
    " adaptation, adapted dialogue, ubersetzung, zieltext, dialogfassung, traduccion, texto traducido,"
    " doblaje, traduction, adaptation francaise, vf, traduzione, adattamento, traducao, dublagem,"
    " tlumaczenie, перевод, 译文, 翻译, 翻訳, 訳, 訳文",
    Field.DIRECTION: "direction, delivery, how, tone, regie, anweisung, acotacion, indicacion, didascalie,"
    " indication, indicazione, direcao, indicacao, ремарка, 表演提示, 演出",
    Field.COMMENT: "comment, comments, note, notes, remark, remarks, kommentar, kommentare, anmerkung,"
    " anmerkungen, bemerkung, comentario, comentarios, nota, notas, commentaire, commentaires, remarque,"
    " remarques, commento, commenti, note del traduttore, observacao, observacoes, uwagi, комментарий,"
    " комментарии, примечание, примечания, 备注, 注释, 评论, コメント, 備考",
    Field.STATE: "state, review state, status, zustand, estado, etat, statut, stato, stan, состояние, статус,"
    " 状态, 状態, ステータス",
    Field.STAMP: "as exported",
}
# Heads of the only column with words: where there is no other, they are the translation.
_TEXT_ALONE = frozenset({"dialogue", "dialog", "text", "subtitle", "untertitel", "subtitulo", "sous titre"})
_SEARCHED_ROWS = 25
_LETTERS = re.compile(r"[A-Za-z]{1,3}\Z")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, counted from 0, and on which row the head is (-1: there is none)."""

    places: Mapping[Field, int]
    head: int = -1

    def cell(self, row: tuple[ReadCell, ...], field: Field) -> ReadCell:
        """Return the row's cell of that field; an empty one where the table has no such column."""
        return find_cell(row, self.places.get(field))


def fold_head(text: str) -> str:
    """Return a head without accents, case, punctuation and what is written in brackets."""
    bare = re.sub(r"[(\[].*?[)\]]", " ", text)
    letters = unicodedata.normalize("NFKD", bare.casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split())


_BY_HEAD = {
    fold_head(head): field for field, heads in reversed(list(_HEADS.items())) for head in heads.split(",")
}


def find_columns(table: ReadTable, source: str, target: str) -> Columns | None:
    """Return the columns of a table, by the row that looks most like a head; None where no row does.

    `source` and `target` are the languages of the original and of the translation: a column may be headed by
    the name or the code of its language. A table needs a column of translations at least.
    """
    best: Columns | None = None
    for number, row in enumerate(table.rows[:_SEARCHED_ROWS]):
        places = _match_heads([cell.text for cell in row], source, target)
        if Field.TARGET in places and (best is None or len(places) > len(best.places)):
            best = Columns(places, number)
    return best if best is not None and (len(best.places) > 1 or best.head == 0) else None


def _match_heads(heads: Sequence[str], source: str, target: str) -> dict[Field, int]:
    places: dict[Field, int] = {}
    for column, text in enumerate(heads):
        if not text.strip() or len(text) > 60:
            continue
        field = _BY_HEAD.get(fold_head(text)) or _match_language(text, source, target)
        if field is not None:
            places.setdefault(field, column)
    alone = places.get(Field.SOURCE)
    if Field.TARGET not in places and alone is not None and fold_head(heads[alone]) in _TEXT_ALONE:
        places[Field.TARGET] = places.pop(Field.SOURCE)
    return places


def _match_language(head: str, source: str, target: str) -> Field | None:
    """Return the field of a column that is headed "es", "pt-BR" or "Spanish (Latin America)"."""
    bare = re.sub(r"[(\[].*?[)\]]", " ", head).strip()
    try:
        code = languages.parse_language(bare)
    except LanguageError:
        return None
    if code == target.split("-", maxsplit=1)[0]:
        return Field.TARGET
    return Field.SOURCE if code == source.split("-", maxsplit=1)[0] else None


def choose_columns(table: ReadTable, found: Columns | None, chosen: Mapping[str, str]) -> Columns:
    """Return the columns with those that a person chose: field -> head, letter (C) or number (3) of a column;
    an empty value means that there is no such column.

    Raises UsageError for a field or a column that does not exist, and InputError where it stays unknown which
    column holds the translations.
    """
    head = found.head if found else -1
    places = dict(found.places) if found else {}
    for name, wanted in chosen.items():
        if name not in set(Field):
            raise UsageError(f"There is no kind of column {name!r}.", hint=f"There are: {', '.join(Field)}.")
        field = Field(name)
        if not wanted.strip():
            places.pop(field, None)
            continue
        column, at = _find_column(table, wanted.strip(), head)
        head = max(head, at)
        places = {each: place for each, place in places.items() if place != column or each is field}
        places[field] = column
    if Field.TARGET not in places:
        heads = ", ".join(cell.text for cell in table.rows[0][:12] if cell.text) if table.rows else ""
        raise InputError(
            f"No column of {table.name} is recognised as the translation"
            + (f"; it begins with: {heads[:200]}." if heads else "."),
            hint="Choose it: --column target=C, or on the page.",
        )
    return Columns(places, head)


def _find_column(table: ReadTable, wanted: str, head: int) -> tuple[int, int]:
    """Return the column that a person named, and the row of the head that has this name (-1: none)."""
    rows = range(len(table.rows))[:_SEARCHED_ROWS] if head < 0 else [head]
    for number in rows:
        for column, cell in enumerate(table.rows[number]):
            if fold_head(cell.text) and fold_head(cell.text) == fold_head(wanted):
                return column, number
    if wanted.isdecimal() and 1 <= int(wanted) <= table.width:
        return int(wanted) - 1, -1
    if _LETTERS.match(wanted):
        column = 0
        for letter in wanted.upper():
            column = column * 26 + ord(letter) - ord("A") + 1
        if column <= table.width:
            return column - 1, -1
    raise UsageError(
        f"{table.name} has no column {wanted!r}.", hint="Name its head, its letter (C), or its number (3)."
    )


def format_column_letter(column: int) -> str:
    """Return a spreadsheet's letter of a column: 0 is A, 26 is AA."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
