"""The vault: numbers become tokens, personal texts are sealed and opened, all in batches of Arrow arrays.

A token is random and never derived from the number: `p` (identity number) or `t` (phone) and 24 hex digits; `d:<delivery>` for the rows of a
delivery that name no person. Each token has a key of its own; destroying it makes everything sealed under it unreadable for ever.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import SealBroken
from vault.keys import KEY_BYTES, Keys, master_key
from vault.store import Row, Store

TOKEN_BYTES = 12
NONCE_BYTES = 12
CACHED_KEYS = 400_000
COMMIT_ROWS = 100_000


class Vault:
    """Implements `contracts.ports.Sealer`. Several processes may hold one vault open."""

    def __init__(self, store: Store, keys: Keys, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._store = store
        self._keys = keys
        self._random = random_bytes
        self._cached: dict[str, bytes] = {}
        self._destroyed = store.destroyed()

    @classmethod
    def open(cls, folder: Path, random_bytes: Callable[[int], bytes] = os.urandom) -> Vault:
        """The vault in `folder`, made where missing; the folder is the owner's alone.

        Raises: `MasterKeyExposed`, `MasterKeyMissing`.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store(folder / "vault.sqlite")
        try:
            master = master_key(folder / "master.key", store.sequence() > 0, random_bytes)
        except BaseException:
            store.close()
            raise
        return cls(store, Keys.of(master), random_bytes)

    @property
    def sequence(self) -> int:
        return self._store.sequence()

    def subjects(self, numbers: pa.StringArray) -> pa.StringArray:
        return self._tokens("p", numbers)

    def phones(self, numbers: pa.StringArray) -> pa.StringArray:
        return self._tokens("t", numbers)

    def delivery_subject(self, delivery: str) -> str:
        token = f"d:{delivery}"
        if token not in self._cached and not self._store.by_token([_packed(token)]):
            self._store.create([Row(_packed(token), self._lookup("d", delivery), self._keys.wrap(self._random(KEY_BYTES)), None)])
        return token

    def find(self, number: str) -> str | None:
        """The subject token of a normalised identity number, if it was ever landed; makes none."""
        rows = self._store.by_lookup([self._lookup("p", number)])
        return _unpacked(rows[0].token) if rows else None

    def known(self, numbers: pa.StringArray) -> pa.StringArray:
        """Subject tokens of normalised identity numbers, null where never landed; makes none."""
        texts = numbers.to_pylist()
        tokens = {row.lookup: _unpacked(row.token) for row in self._store.by_lookup(self._lookup("p", text) for text in texts if text is not None)}
        return pa.array([None if text is None else tokens.get(self._lookup("p", text)) for text in texts], pa.string())

    def number_of(self, token: str) -> str | None:
        """The clear number behind a token; null where the token is unknown or its key destroyed."""
        for row in self._store.by_token([_packed(token)]):
            if row.wrapped is not None and row.sealed is not None:
                return AESGCM(self._keys.unwrap(row.wrapped)).decrypt(row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:], None).decode()
        return None

    def destroy(self, token: str, recorded_at: datetime) -> bool:
        """Destroys the key of a subject; false where there was none."""
        self._cached.pop(token, None)
        return self._store.destroy(_packed(token), recorded_at.isoformat())

    def seal(self, subjects: pa.StringArray, clear: pa.StringArray) -> pa.BinaryArray:
        tokens, texts = subjects.to_pylist(), clear.to_pylist()
        keys = self._keys_of(tokens)
        nonces = self._random(NONCE_BYTES * len(texts))
        sealed: list[bytes | None] = []
        for index, (token, text) in enumerate(zip(tokens, texts, strict=True)):
            key = None if token is None else keys.get(token)
            if text is None or key is None:
                sealed.append(None)
                continue
            nonce = nonces[index * NONCE_BYTES : (index + 1) * NONCE_BYTES]
            sealed.append(nonce + AESGCM(key).encrypt(nonce, text.encode(), None))
        return pa.array(sealed, pa.binary())

    def unseal(self, subjects: pa.StringArray, sealed: pa.BinaryArray) -> pa.StringArray:
        """The clear texts; null where the subject's key was destroyed or is unknown.

        Raises: `SealBroken` where a value was altered or sealed under another key.
        """
        tokens, values = subjects.to_pylist(), sealed.to_pylist()
        keys = self._keys_of(tokens)
        clear: list[bytes | None] = []
        broken = 0
        for token, value in zip(tokens, values, strict=True):
            key = None if token is None else keys.get(token)
            if value is None or key is None:
                clear.append(None)
                continue
            try:
                clear.append(AESGCM(key).decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], None))
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
        lookups = [self._lookup(prefix, text) for text in texts]
        found = self._found(lookups)
        missing = [(lookup, text) for lookup, text in zip(lookups, texts, strict=True) if lookup not in found]
        for start in range(0, len(missing), COMMIT_ROWS):
            chunk = missing[start : start + COMMIT_ROWS]
            rows = self._new_rows(prefix, chunk)
            if self._store.create(rows) == len(rows):
                self._remember(rows)
                found |= {row.lookup: _unpacked(row.token) for row in rows}
            else:  # another process made some of them first: theirs count
                found |= self._found(lookup for lookup, _ in chunk)
        return pa.array([found[lookup] for lookup in lookups], pa.string()).take(encoded.indices)

    def _found(self, lookups: Iterable[bytes]) -> dict[bytes, str]:
        """Token by lookup of those there are; their keys are remembered, since sealing comes next."""
        rows = self._store.by_lookup(lookups)
        self._remember(rows)
        return {row.lookup: _unpacked(row.token) for row in rows}

    def _new_rows(self, prefix: str, missing: Sequence[tuple[bytes, str]]) -> list[Row]:
        """Rows in lookup order, so that the index grows in runs."""
        missing = sorted(missing)
        count = len(missing)
        names, keys, nonces = self._random(TOKEN_BYTES * count), self._random(KEY_BYTES * count), self._random(NONCE_BYTES * count)
        wrapped = self._keys.wrap(keys)
        head = prefix.encode()
        rows = []
        for index, (lookup, text) in enumerate(missing):
            key_at, nonce = slice(index * KEY_BYTES, (index + 1) * KEY_BYTES), nonces[index * NONCE_BYTES : (index + 1) * NONCE_BYTES]
            sealed = nonce + AESGCM(keys[key_at]).encrypt(nonce, text.encode(), None)
            rows.append(Row(head + names[index * TOKEN_BYTES : (index + 1) * TOKEN_BYTES], lookup, wrapped[key_at], sealed))
        return rows

    def _keys_of(self, tokens: Sequence[str | None]) -> dict[str, bytes]:
        """Key by token; a token without key (destroyed, unknown) is left out."""
        if self._store.destroyed() != self._destroyed:
            self._cached.clear()
            self._destroyed = self._store.destroyed()
        wanted = {token for token in tokens if token is not None}
        keys = {token: self._cached[token] for token in wanted if token in self._cached}
        missing = wanted.difference(keys)
        if missing:
            keys |= self._remember(self._store.by_token(_packed(token) for token in missing))
        return keys

    def _remember(self, rows: Sequence[Row]) -> dict[str, bytes]:
        """The keys of these rows by token, kept for the next call unless there are too many."""
        held = [row for row in rows if row.wrapped is not None]
        unwrapped = self._keys.unwrap(b"".join(row.wrapped for row in held if row.wrapped is not None))
        keys = {_unpacked(row.token): unwrapped[index * KEY_BYTES : (index + 1) * KEY_BYTES] for index, row in enumerate(held)}
        if len(self._cached) + len(keys) > CACHED_KEYS:
            self._cached.clear()
        self._cached.update(keys)
        return keys

    def _lookup(self, prefix: str, text: str) -> bytes:
        return hmac.digest(self._keys.lookup, f"{prefix}{text}".encode(), "sha256")[:16]


def _packed(token: str) -> bytes:
    return token.encode() if token.startswith("d:") else token[0].encode() + bytes.fromhex(token[1:])


def _unpacked(token: bytes) -> str:
    return token.decode() if token.startswith(b"d:") else chr(token[0]) + token[1:].hex()
