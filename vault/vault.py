"""The vault: numbers become tokens, personal texts are sealed and opened, all in batches of Arrow arrays.

A token is random and never derived from the number: `p` (identity number) or `t` (phone) and 24 hex digits; `d:<delivery>` for the rows of a
delivery that name no person. Each token has a key of its own; destroying it makes everything sealed under it unreadable for ever.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import SealBroken
from vault.keys import KEY_BYTES, Keys, master_key
from vault.records import NUMBER_BYTES, RECORD, Bytes, Records, token_bytes, token_texts
from vault.store import Store

NONCE_BYTES = 12


class Vault:
    """Implements `contracts.ports.Sealer`. Several processes may hold one vault open."""

    def __init__(self, store: Store, keys: Keys, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._store = store
        self._keys = keys
        self._random = random_bytes

    @classmethod
    def open(cls, folder: Path, random_bytes: Callable[[int], bytes] = os.urandom) -> Vault:
        """The vault in `folder`, made where missing; the folder is the owner's alone.

        Raises: `MasterKeyExposed`, `MasterKeyMissing`.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store(folder)
        try:
            master = master_key(folder / "master.key", store.sequence() > 0, random_bytes)
        except BaseException:
            store.close()
            raise
        return cls(store, Keys.of(master), random_bytes)

    @staticmethod
    def lies_in(folder: Path) -> bool:
        """Whether the folder holds a vault; opening makes one where it does not."""
        return (folder / "tokens").exists()

    @property
    def sequence(self) -> int:
        return self._store.sequence()

    def subjects(self, numbers: pa.StringArray) -> pa.StringArray:
        return self._tokens("p", numbers)

    def phones(self, numbers: pa.StringArray) -> pa.StringArray:
        return self._tokens("t", numbers)

    def delivery_subject(self, delivery: str) -> str:
        token = f"d:{delivery}"
        if self._store.tokens(token_bytes(pa.array([token])))[0] < 0:
            lookups = self._keys.lookups([token])
            self._store.create(lookups, lambda missing: self._new_records("d", [delivery], lookups, token_bytes(pa.array([token]))))
        return token

    def find(self, number: str) -> str | None:
        """The subject token of a normalised identity number, if it was ever landed; makes none."""
        token: str | None = self.known(pa.array([number], pa.string()))[0].as_py()
        return token

    def known(self, numbers: pa.StringArray) -> pa.StringArray:
        """Subject tokens of normalised identity numbers, null where never landed; makes none."""
        encoded = pc.dictionary_encode(numbers)
        found = self._store.lookups(self._keys.lookups([f"p{text}" for text in encoded.dictionary.to_pylist()]))
        tokens = token_texts(self._store.records(found[found >= 0]))
        return tokens.take(pa.array(np.cumsum(found >= 0) - 1, mask=found < 0)).take(encoded.indices)

    def number_of(self, token: str) -> str | None:
        """The clear number behind a token; null where the token is unknown or its key destroyed."""
        found = self._store.tokens(token_bytes(pa.array([token])))
        record = self._store.records(found[found >= 0])
        if not len(record) or not record["wrapped"].any() or not record["size"][0]:
            return None
        clear = record["number"] ^ self._keys.stream(record["nonce"])
        return bytes(clear[0, : int(record["size"][0])]).decode()

    def destroy(self, token: str, recorded_at: datetime) -> bool:
        """Destroys the key of a subject; false where there was none."""
        found = int(self._store.tokens(token_bytes(pa.array([token])))[0])
        return found >= 0 and self._store.destroy(found, f"{recorded_at.isoformat()} {token}")

    def seal(self, subjects: pa.StringArray, clear: pa.StringArray) -> pa.BinaryArray:
        """AES-GCM under each row's subject key: nonce, then cipher text and tag; null where the text is null or the key is destroyed."""
        keys = self._keys_of(subjects)
        nonces = self._random(NONCE_BYTES * len(clear))
        sealed: list[bytes | None] = []
        for index, (key, text) in enumerate(zip(keys, clear.cast(pa.binary()).to_pylist(), strict=True)):
            nonce = nonces[index * NONCE_BYTES : (index + 1) * NONCE_BYTES]
            sealed.append(None if key is None or text is None else nonce + AESGCM(key).encrypt(nonce, text, None))
        return pa.array(sealed, pa.binary())

    def unseal(self, subjects: pa.StringArray, sealed: pa.BinaryArray) -> pa.StringArray:
        """The clear texts; null where the subject's key was destroyed or is unknown.

        Raises: `SealBroken` where a value was altered or sealed under another key.
        """
        clear: list[bytes | None] = []
        broken = 0
        for key, value in zip(self._keys_of(subjects), sealed.to_pylist(), strict=True):
            try:
                clear.append(None if key is None or value is None else AESGCM(key).decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], None))
            except InvalidTag:
                broken += 1
        if broken:
            raise SealBroken(count=broken)
        return pa.array(clear, pa.binary()).cast(pa.string())

    def digest(self, data: bytes) -> str:
        return base64.b32encode(hmac.digest(self._keys.digest, data, "sha256"))[:12].decode().lower()

    def close(self) -> None:
        self._store.close()

    def __enter__(self) -> Vault:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tokens(self, prefix: str, numbers: pa.StringArray) -> pa.StringArray:
        encoded = pc.dictionary_encode(numbers)
        texts = encoded.dictionary.to_pylist()
        lookups = self._keys.lookups([f"{prefix}{text}" for text in texts])
        found = self._store.lookups(lookups)
        if (found < 0).any():
            self._store.create(lookups, lambda missing: self._new_records(prefix, [texts[place] for place in missing.tolist()], lookups[missing]))
            found = self._store.lookups(lookups)
        return token_texts(self._store.records(found)).take(encoded.indices)

    def _new_records(self, prefix: str, texts: list[str], lookups: Bytes, tokens: Bytes | None = None) -> Records:
        """Records for these numbers; a number longer than the field is not kept, only looked up."""
        count = len(texts)
        made = np.zeros(count, RECORD)
        made["prefix"] = ord(prefix)
        made["token"] = self._random_rows(count, 12) if tokens is None else tokens
        made["lookup"] = lookups
        made["wrapped"] = self._keys.wrap(self._random_rows(count, KEY_BYTES))
        made["nonce"] = self._random_rows(count, 16)
        clear = [text.encode() if len(text.encode()) <= NUMBER_BYTES else b"" for text in texts]
        made["size"] = [len(text) for text in clear]
        padded = np.frombuffer(b"".join(text.ljust(NUMBER_BYTES, b"\0") for text in clear), np.uint8).reshape(count, NUMBER_BYTES)
        made["number"] = padded ^ self._keys.stream(made["nonce"])
        return made

    def _random_rows(self, count: int, width: int) -> Bytes:
        return np.frombuffer(self._random(count * width), np.uint8).reshape(count, width)

    def _keys_of(self, subjects: pa.StringArray) -> list[bytes | None]:
        """The key of each subject; None where it is null, unknown or destroyed."""
        encoded = pc.dictionary_encode(subjects)
        found = self._store.tokens(token_bytes(encoded.dictionary))
        wrapped = self._store.records(np.maximum(found, 0))["wrapped"] if (found >= 0).any() else np.zeros((len(found), KEY_BYTES), np.uint8)
        held = (found >= 0) & wrapped.any(axis=1)
        clear = self._keys.unwrap(wrapped).tobytes()
        keys = [clear[place * KEY_BYTES : (place + 1) * KEY_BYTES] if held[place] else None for place in range(len(found))]
        return [None if place is None else keys[place] for place in encoded.indices.to_pylist()]
