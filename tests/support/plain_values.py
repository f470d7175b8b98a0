"""Whether what an engine gives is made of plain Python values, all the way down.

Libraries hand out their own numbers (a numpy float64 even passes for a float), which then fail where they are
stored or sent. Arrays are meant in two places: the samples of Audio, and what an embedder gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import msgspec
import numpy as np

from rythmo.media.audio import Audio
from rythmo.script.model import Word
from rythmo.script.takes import VoiceRef

_PLAIN = (bool, int, float, str, bytes, type(None))
_STORED = (Word, VoiceRef)


def assert_plain(value: Any, where: str = "value") -> None:
    """Fail where something in it is of another type than it looks like, and say where it is."""
    if type(value) in _PLAIN or isinstance(value, Enum):
        return
    if isinstance(value, Audio):
        assert type(value.rate) is int, f"{where}.rate is a {type(value.rate).__name__}"
        assert type(value.samples) is np.ndarray, f"{where}.samples"
        assert value.samples.dtype == np.float32, f"{where}.samples are {value.samples.dtype}"
    elif is_dataclass(value):
        for field in fields(value):
            assert_plain(getattr(value, field.name), f"{where}.{field.name}")
        if isinstance(value, _STORED):
            kept = msgspec.convert(msgspec.json.decode(msgspec.json.encode(value)), type(value))
            assert kept == value, f"{where} is not the same after it was stored"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            assert_plain(key, f"a key of {where}")
            assert_plain(inner, f"{where}[{key!r}]")
    elif type(value) in (tuple, list, frozenset):
        for number, inner in enumerate(value):
            assert_plain(inner, f"{where}[{number}]")
    else:
        raise AssertionError(f"{where} is a {type(value).__module__}.{type(value).__name__}: {value!r}")
