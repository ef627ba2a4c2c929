"""The master key and what is derived from it.

The master key is 32 random bytes in an owner-only file. Four keys are derived from it with HKDF-SHA256 (RFC 5869): for keyed
lookup (HMAC of normalised numbers), for wrapping subject keys, for the numbers themselves, and for delivery digests.

A subject key is 16 random bytes, wrapped as one AES-256 block. One block suffices and needs no mode: every wrapped block is itself uniformly random and
distinct, so equal cipher blocks cannot occur for unequal keys and nothing can be learned from repetition; a damaged key shows when AES-GCM refuses its values.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import MasterKeyExposed, MasterKeyMissing
from vault.records import Bytes

KEY_BYTES = 16


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The derived keys of one vault."""

    lookup: bytes
    wrapping: bytes
    numbers: bytes
    digest: bytes

    @classmethod
    def of(cls, master: bytes) -> Keys:
        return cls(*(HKDF(SHA256(), 32, None, f"base-cabin {use}".encode()).derive(master) for use in ("lookup", "wrapping", "numbers", "digest")))

    def lookups(self, texts: list[str]) -> Bytes:
        """The first 16 bytes of the HMAC-SHA256 (RFC 2104) of each text, shape (n, 16). The keyed halves are hashed once: a third of the cost of `hmac`."""
        padded = self.lookup.ljust(64, b"\0")
        inner, outer = (sha256(bytes(byte ^ pad for byte in padded)) for pad in (0x36, 0x5C))
        found = bytearray()
        for text in texts:
            first, second = inner.copy(), outer.copy()
            first.update(text.encode())
            second.update(first.digest())
            found += second.digest()[:16]
        return np.frombuffer(bytes(found), np.uint8).reshape(len(texts), 16)

    def wrap(self, keys: Bytes) -> Bytes:
        """Many subject keys, a row each, wrapped in one call."""
        return _blocks(self.wrapping, keys, "encryptor")

    def unwrap(self, wrapped: Bytes) -> Bytes:
        return _blocks(self.wrapping, wrapped, "decryptor")

    def stream(self, nonces: Bytes) -> Bytes:
        """32 bytes of AES counter-mode key stream for each random 16-byte nonce, shape (n, 32)."""
        counters = np.repeat(nonces, 2, axis=0)
        counters[1::2, 15] ^= 1
        return _blocks(self.numbers, counters, "encryptor").reshape(len(nonces), 32)


def _blocks(key: bytes, blocks: Bytes, direction: Literal["encryptor", "decryptor"]) -> Bytes:
    """Each 16-byte row through AES-256 alone; every use above feeds it rows that are random and distinct."""
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    context = cipher.encryptor() if direction == "encryptor" else cipher.decryptor()
    return np.frombuffer(context.update(np.ascontiguousarray(blocks).tobytes()) + context.finalize(), np.uint8).reshape(-1, 16)


def master_key(path: Path, has_subjects: bool, random_bytes: Callable[[int], bytes] = os.urandom) -> bytes:
    """The master key in `path`; made and fsynced where there is none yet and the vault is empty.

    Raises: `MasterKeyExposed` where others may read the file, `MasterKeyMissing` where it is gone or damaged though subjects exist.
    """
    if not path.exists():
        if has_subjects:
            raise MasterKeyMissing(path=path.name)
        _write_once(path, random_bytes(32))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise MasterKeyExposed(path=path.name)
    key = path.read_bytes()
    if len(key) != 32:
        raise MasterKeyMissing(path=path.name)
    return key


def _write_once(path: Path, key: bytes) -> None:
    """Two processes may both find no key: the hard link lets exactly one win, and never shows a half-written file."""
    handle, own = tempfile.mkstemp(dir=path.parent)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        path.hardlink_to(own)
    except FileExistsError:
        pass
    finally:
        Path(own).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
