"""What the vault promises."""

import stat
import threading
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import Vault
from vault.errors import MasterKeyExposed, MasterKeyMissing, SealBroken
from vault.index import Index
from vault.records import RECORD

NUMBERS = pa.array(["330302197001010014", None, "11010519491231002X", "330302197001010014"])


@pytest.fixture
def vault(tmp_path: Path):
    with Vault.open(tmp_path / "vault") as opened:
        yield opened


def test_one_number_has_one_token_for_ever(vault: Vault, tmp_path: Path):
    """Equal numbers get equal tokens, within a batch, between batches and after opening the vault again; null stays null."""
    first = vault.subjects(NUMBERS)
    assert first[0] == first[3] and first[0] != first[2] and first[1].as_py() is None
    with Vault.open(tmp_path / "vault") as again:
        assert again.subjects(NUMBERS).equals(first)
        assert again.find("11010519491231002X") == first[2].as_py()
        assert again.known(pa.array(["330302197001010014", "440524188001010014", None])).to_pylist() == [first[0].as_py(), None, None]


def test_a_token_tells_nothing_of_its_number(tmp_path: Path):
    """Two vaults give one number different tokens: they are random, not derived."""
    tokens = set()
    for name in ("a", "b"):
        with Vault.open(tmp_path / name) as vault:
            tokens.add(vault.subjects(NUMBERS)[0].as_py())
    assert len(tokens) == 2
    assert all(len(token) == 25 and token[0] == "p" for token in tokens)


def test_the_files_of_a_vault_show_no_number(vault: Vault, tmp_path: Path):
    """No clear number stands in any file of the vault, nor a token's key."""
    vault.subjects(NUMBERS)
    vault.phones(pa.array(["13800000000"]))
    for path in (tmp_path / "vault").iterdir():
        content = path.read_bytes()
        assert b"330302197001010014" not in content and b"13800000000" not in content, path.name


def test_the_number_behind_a_token_is_known_until_its_key_is_destroyed(vault: Vault):
    """`number_of` answers until `destroy`; sealed values of that subject then open as null, those of others still open."""
    tokens = vault.subjects(pa.array(["330302197001010014", "11010519491231002X"]))
    sealed = vault.seal(tokens, pa.array(["甲", "乙"]))
    first = tokens[0].as_py()
    assert vault.number_of(first) == "330302197001010014"
    before = vault.sequence
    assert vault.destroy(first, datetime(2026, 1, 1)) and not vault.destroy(first, datetime(2026, 1, 1))
    assert vault.sequence > before
    assert vault.number_of(first) is None
    assert vault.unseal(tokens, sealed).to_pylist() == [None, "乙"]
    assert vault.subjects(pa.array(["330302197001010014"]))[0] == tokens[0]


def test_a_key_destroyed_by_another_process_is_forgotten_here(vault: Vault, tmp_path: Path):
    """A vault that holds keys in memory lets them go when another process destroys one."""
    tokens = vault.subjects(pa.array(["330302197001010014"]))
    sealed = vault.seal(tokens, pa.array(["甲"]))
    with Vault.open(tmp_path / "vault") as other:
        other.destroy(tokens[0].as_py(), datetime(2026, 1, 1))
    assert vault.unseal(tokens, sealed).to_pylist() == [None]


@given(st.lists(st.one_of(st.none(), st.text()), max_size=30))
def test_what_is_sealed_opens_again(tmp_path_factory: pytest.TempPathFactory, texts: list[str | None]):
    """unseal(seal(x)) = x for every text, nulls included, and equal texts never look equal when sealed."""
    with Vault.open(tmp_path_factory.getbasetemp() / "sealing") as vault:
        subject = vault.delivery_subject("abcdefghijkl")
        clear = pa.array(texts, pa.string())
        subjects = pa.array([subject] * len(texts), pa.string())
        sealed = vault.seal(subjects, clear)
        assert vault.unseal(subjects, sealed).equals(clear)
        held = [value for value in sealed.to_pylist() if value is not None]
        assert len(set(held)) == len(held)


def test_an_altered_value_is_refused(vault: Vault):
    """A sealed value with one changed byte, or of another subject, is an error that names no subject."""
    tokens = vault.subjects(pa.array(["330302197001010014", "11010519491231002X"]))
    sealed = vault.seal(tokens, pa.array(["甲", "乙"]))
    with pytest.raises(SealBroken, match="2 sealed values"):
        vault.unseal(pa.array([tokens[1].as_py(), tokens[0].as_py()]), sealed)


def test_a_batch_torn_by_a_power_cut_was_never_made(vault: Vault, tmp_path: Path):
    """Records that are cut short or half written are not seen; the next batch takes their place, and earlier tokens stay."""
    first = vault.subjects(NUMBERS)
    path = tmp_path / "vault" / "tokens"
    whole = path.stat().st_size
    with Vault.open(tmp_path / "vault") as other:
        other.subjects(pa.array([f"N{index}" for index in range(10)]))
    damaged = bytearray(path.read_bytes())[: -RECORD.itemsize // 2]
    damaged[whole + 3 * RECORD.itemsize + 20] ^= 1
    damaged[whole + 5 * RECORD.itemsize : whole + 6 * RECORD.itemsize] = bytes(RECORD.itemsize)
    path.write_bytes(damaged)
    with Vault.open(tmp_path / "vault") as again:
        assert again.sequence == 2 + 3
        assert again.subjects(NUMBERS).equals(first)
        renewed = again.subjects(pa.array([f"N{index}" for index in range(10)]))
        assert len(set(renewed.to_pylist())) == 10
    with Vault.open(tmp_path / "vault") as later:
        assert later.subjects(pa.array([f"N{index}" for index in range(10)])).equals(renewed)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=120))
def test_batches_of_any_shape_find_what_was_made(tmp_path_factory: pytest.TempPathFactory, wanted: list[int]):
    """However numbers are spread over batches, one number keeps one token and two numbers never share one."""
    with Vault.open(tmp_path_factory.getbasetemp() / "batches") as vault:
        size = max(1, len(wanted) // 7)
        tokens: dict[int, str] = {}
        for start in range(0, len(wanted), size):
            batch = wanted[start : start + size]
            for number, token in zip(batch, vault.subjects(pa.array([f"B{number}" for number in batch])).to_pylist(), strict=True):
                assert tokens.setdefault(number, token) == token
        assert len(set(tokens.values())) == len(tokens)


def test_keys_with_equal_heads_are_told_apart():
    """The index compares whole keys: two that share their first eight bytes are two."""
    keys = np.zeros((3, 12), np.uint8)
    keys[:, 11] = [1, 2, 3]
    index = Index()
    index.add(keys[:2], 0)
    assert index.find(keys, keys).tolist() == [0, 1, -1]


def test_a_long_number_has_a_token_but_is_not_kept(vault: Vault):
    """A number that does not fit the record is looked up like others, and `number_of` says nothing about it."""
    token = vault.subjects(pa.array(["9" * 60]))[0].as_py()
    assert vault.find("9" * 60) == token
    assert vault.number_of(token) is None


def test_the_master_key_is_the_owners_alone(vault: Vault, tmp_path: Path):
    """The key file is made with mode 600; one that others can read, or that is gone while subjects exist, stops the vault."""
    path = tmp_path / "vault" / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    vault.subjects(NUMBERS)
    path.chmod(0o644)
    with pytest.raises(MasterKeyExposed):
        Vault.open(tmp_path / "vault")
    path.unlink()
    with pytest.raises(MasterKeyMissing):
        Vault.open(tmp_path / "vault")


def test_many_at_once_agree(tmp_path: Path):
    """Four writers that meet the same new numbers at one moment get the same tokens: get-or-create is one atomic step."""
    numbers = pa.array([f"N{index}" for index in range(2_000)])
    results: list[pa.Array] = []

    def work() -> None:
        with Vault.open(tmp_path / "vault") as vault:
            results.append(vault.subjects(numbers))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 and all(result.equals(results[0]) for result in results)


def test_digests_are_keyed_and_short(vault: Vault, tmp_path: Path):
    """A digest is 12 characters, equal for equal data, different under another vault's key."""
    assert vault.digest(b"x") == vault.digest(b"x") != vault.digest(b"y")
    assert len(vault.digest(b"x")) == 12
    with Vault.open(tmp_path / "other") as other:
        assert other.digest(b"x") != vault.digest(b"x")
