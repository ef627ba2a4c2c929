"""What a command finds wrong with its installation before it begins: a vault that is gone or old, a folder that cannot be used, another partition count."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cabin.kit import cabin, done, tree

OPENING = (("run",), ("reveal", "person", "PERSON", "name", "--purpose", "训练"), ("find", "王"), ("land", "rental", "FILE"))
"""Commands that open the vault."""


@pytest.fixture
def without_vault(small_cabin: Path, tmp_path: Path) -> Path:
    """A cabin whose vault folder was moved away."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    (data / "vault").rename(tmp_path / "vault")
    return data


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_vault_that_is_gone_is_never_made_anew(without_vault: Path, deliveries: Path, tmp_path: Path, lang: str) -> None:
    """Where raw messages exist every command that opens the vault exits 3 and makes nothing, an empty folder at its place included; `doctor` finds it, exit 1."""
    person = done(without_vault, "--json", "sql", "select entity from person_current where name is not null limit 1").document["rows"][0]["entity"]
    stands_for = {"FILE": str(deliveries / "2_rental.jsonl"), "PERSON": person}
    before = tree(without_vault)
    for arguments in OPENING:
        given = [stands_for.get(each, each) for each in arguments]
        document = cabin(without_vault, "--json", *given, lang=lang).document
        assert (document.get("error") or document["landed"][0]["error"])["code"] == "vault-behind-log", arguments
        assert cabin(without_vault, *given, lang=lang).code == 3
    said = cabin(without_vault, "doctor", lang=lang)
    assert said.code == 1 and {"zh": "保险库比日志旧", "en": "older than the log"}[lang] in said.out
    assert tree(without_vault) - before <= {"run.lock"}
    (without_vault / "vault").mkdir()
    assert cabin(without_vault, "run").code == 3 and list((without_vault / "vault").iterdir()) == []
    (without_vault / "vault").rmdir()
    (tmp_path / "vault").rename(without_vault / "vault")
    done(without_vault, "run")


def test_a_vault_older_than_the_log_is_refused(small_cabin: Path, deliveries: Path, tmp_path: Path) -> None:
    """A copy of the vault from before the last delivery: run and doctor notice, not only landing."""
    data = tmp_path / "data"
    done(data, "land", "auto", str(deliveries / "2_rental.jsonl"))
    shutil.copytree(data / "vault", tmp_path / "old")
    done(data, "land", "auto", str(deliveries / "1_ps_resident.csv"))
    shutil.rmtree(data / "vault")
    (tmp_path / "old").rename(data / "vault")
    assert cabin(data, "--json", "run").document["error"]["code"] == "vault-behind-log"
    assert cabin(data, "doctor").code == 1


@pytest.mark.parametrize("arguments", [("status",), ("run",), ("feed", "list"), ("quarantine", "counts"), ("land", "rental", "FILE")], ids=" ".join)
def test_a_data_folder_that_cannot_be_used_is_told(deliveries: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """`--data` names a file, or a folder below one: exit code 3 and a sentence, never a traceback; `doctor` finds it too."""
    (tmp_path / "taken").write_text("")
    given = [str(deliveries / "2_rental.jsonl") if each == "FILE" else each for each in arguments]
    for data in (tmp_path / "taken", tmp_path / "taken" / "below"):
        said = cabin(data, "--json", *given)
        assert (said.code, said.document["error"]["code"]) == (3, "data-folder-unusable")
        assert "该位置是文件" in cabin(data, *given, lang="zh").err
        assert cabin(data, "doctor").code == 1


def test_another_partition_count_is_refused_only_when_it_is_named(small_cabin: Path) -> None:
    """`CABIN_PARTITIONS=4` on an installation of two exits 2; two, or nothing, is accepted."""
    said = cabin(small_cabin, "--json", "status", CABIN_PARTITIONS="4")
    assert (said.code, said.document["error"]["code"]) == (2, "partition-count-fixed")
    done(small_cabin, "status", CABIN_PARTITIONS="2")
    done(small_cabin, "status")
