"""What a cell looks like without what it says: `330302ab李` is `9x6 a2 汉`, so that a person sees what is wrong and learns no value; pure."""

from __future__ import annotations

import unicodedata
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

LONGEST = 12
"""Runs shown of one cell."""
HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def shape(text: str) -> str:
    """The runs of a text, each a class and, beyond one character, its length: 9 digits, a Latin letters, 汉 Chinese characters, · other letters, _ blanks; marks as they are."""
    runs = [(kind, sum(1 for _ in run)) for kind, run in groupby(map(_class, text))]
    shown = " ".join(kind if count == 1 else f"{kind}x{count}" for kind, count in runs[:LONGEST])
    return f"{shown} …" if len(runs) > LONGEST else shown


def shapes(texts: pa.StringArray) -> pa.StringArray:
    """The shape of every text; null for null."""
    coded = pc.dictionary_encode(texts)
    return pa.array([shape(text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def _class(character: str) -> str:
    if character.isdecimal():
        return "9"
    if character.isascii() and character.isalpha():
        return "a"
    point = ord(character)
    if any(first <= point <= last for first, last in HAN):
        return "汉"
    if character.isspace():
        return "_"
    return "·" if unicodedata.category(character)[0] in "LMNCS" else character
