"""The master key and what is derived from it.

The master key is 32 random bytes in an owner-only file. Three keys are derived from it with HKDF-SHA256 (RFC 5869): one for keyed
lookup (HMAC of normalised numbers), one that wraps subject keys, one for delivery digests.

A subject key is 16 random bytes, wrapped as one AES-256 block. One block suffices and needs no mode: every wrapped block is itself uniformly random and
distinct, so equal cipher blocks cannot occur for unequal keys and nothing can be learned from repetition; a damaged key shows when AES-GCM refuses its values.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import MasterKeyExposed, MasterKeyMissing

KEY_BYTES = 16


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The derived keys of one vault."""

    lookup: bytes
    wrapping: bytes
    digest: bytes

    @classmethod
    def of(cls, master: bytes) -> Keys:
        return cls(*(HKDF(SHA256(), 32, None, f"base-cabin {use}".encode()).derive(master) for use in ("lookup", "wrapping", "digest")))

    def wrap(self, keys: bytes) -> bytes:
        """Many subject keys, end to end, wrapped in one call."""
        cipher = Cipher(algorithms.AES(self.wrapping), modes.ECB()).encryptor()  # single random blocks, see the module's docstring
        return cipher.update(keys) + cipher.finalize()

    def unwrap(self, wrapped: bytes) -> bytes:
        cipher = Cipher(algorithms.AES(self.wrapping), modes.ECB()).decryptor()
        return cipher.update(wrapped) + cipher.finalize()


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
    own = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
