"""Check characters of identity numbers (GB 11643-1999), credit codes (GB 32100-2015) and their bodies (GB 11714-1997), for whole arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cabin.demo.dice import Ints

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = np.array([3**place % 31 for place in range(17)], dtype=np.int64)
BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
BODY_CHECKS = "0123456789X"
LETTERS = np.frombuffer(CREDIT_ALPHABET.encode(), dtype=np.uint8)


def identity_checks(numbers: Ints) -> Ints:
    """Places in `IDENTITY_CHECKS` of numbers of 17 digits."""
    total = np.zeros(len(numbers), dtype=np.int64)
    rest = numbers.copy()
    for weight in reversed(IDENTITY_WEIGHTS):
        rest, digit = np.divmod(rest, 10)
        total += digit * weight
    return total % 11


def unique_sequences(groups: Ints, male: NDArray[np.bool_]) -> Ints:
    """Sequence numbers 001-998, odd for men, even for women, never twice within a group (division and birth date) of fewer than 499 of one sex."""
    keys = groups * 2 + male
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    starts = np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = np.arange(len(keys)) - np.repeat(starts, np.diff(np.r_[starts, len(keys)]))
    return 2 * ((ranks * 37 + groups * 11) % 499) + np.where(male, 1, 2)


def credit_codes(serials: Ints, division: str = "330302") -> NDArray[np.str_]:
    """Valid credit codes of market subjects: 91, the division, a body `MA` + 6 characters of the serial + its own check, and the check character."""
    signs = np.empty((len(serials), 18), dtype=np.int64)
    signs[:, :8] = [CREDIT_ALPHABET.index(sign) for sign in f"91{division}"]
    signs[:, 8:10] = [CREDIT_ALPHABET.index(sign) for sign in "MA"]
    rest = serials.copy()
    for place in range(15, 9, -1):
        rest, signs[:, place] = np.divmod(rest, 31)
    signs[:, 16] = _body_checks(signs[:, 8:16])
    signs[:, 17] = (31 - signs[:, :17] @ CREDIT_WEIGHTS % 31) % 31
    return LETTERS[signs].copy().view("S18").ravel().astype(np.str_)


def _body_checks(signs: Ints) -> Ints:
    """The check signs of 8-sign bodies. Source: GB 11714: 11 - sum mod 11; 10 is X, 11 is 0; A=10 ... Z=35."""
    values = np.array([int(sign, 36) for sign in CREDIT_ALPHABET], dtype=np.int64)
    checks = (11 - values[signs] @ BODY_WEIGHTS % 11) % 11
    places: Ints = np.array([CREDIT_ALPHABET.index(sign) for sign in BODY_CHECKS], dtype=np.int64)[checks]
    return places
