"""The layout of EBU STL files (Tech 3264, February 1991) that their reader and writer share.

A file is a block of 1024 bytes (GSI) and then one of 128 for each subtitle (TTI), more for a long one.
"""

from __future__ import annotations

GSI, TTI, TEXT = 1024, 128, 112
"""Bytes of the head, of each block, and of the text field that ends a block."""
NEW_LINE, END = 0x8A, 0x8F
ITALIC_ON, ITALIC_OFF = 0x80, 0x81
LAST_BLOCK, USER_DATA = 0xFF, 0xFE
"""Extension numbers of a subtitle's last block, and of blocks that hold something else."""
MOST_EXTENSIONS = 0xF0

# Appendix 3 of Tech 3264.
LANGUAGES = {
    "sq": "01", "br": "02", "ca": "03", "hr": "04", "cy": "05", "cs": "06", "da": "07", "de": "08",
    "en": "09", "es": "0A", "eo": "0B", "et": "0C", "eu": "0D", "fo": "0E", "fr": "0F", "fy": "10",
    "ga": "11", "gd": "12", "gl": "13", "is": "14", "it": "15", "la": "17", "lv": "18", "lb": "19",
    "lt": "1A", "hu": "1B", "mt": "1C", "nl": "1D", "no": "1E", "nb": "1E", "oc": "1F", "pl": "20",
    "pt": "21", "ro": "22", "rm": "23", "sr": "24", "sk": "25", "sl": "26", "fi": "27", "sv": "28",
    "tr": "29", "wa": "2B", "ar": "7E", "az": "7B", "be": "79", "bg": "77", "el": "70", "he": "6C",
    "id": "6A", "mk": "63", "ms": "61", "fa": "5A", "ru": "56", "sw": "4F", "uk": "49", "ur": "48",
    "vi": "46",
}  # fmt: skip
"""The codes of languages."""
