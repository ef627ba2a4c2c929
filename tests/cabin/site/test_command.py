"""`cabin docs build` as a person meets it: from contracts alone, over a real data folder, refused, and the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import duckdb
import pytest

from contracts.lock import only_one
from quality.monitors.errors import ProfilesInUse
from tests.cabin.kit import cabin, done, holds_english, tree
from tests.cabin.monitor_kit import NAME, NUMBER, landed_in
from tests.cabin.site.site_kit import LANGUAGES
from warehouse.publish import snapshot_path

DIGEST = """
import hashlib
from datetime import datetime
from cabin.site.given import Given
from cabin.site.whole import files
from contracts.read import load
from warehouse.catalogue import mart_files
digest = hashlib.sha256()
for path, content in files(Given(load(), mart_files(), datetime(2026, 3, 1), 2)):
    digest.update(path.encode() + b"\\0" + content)
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def checked(small_cabin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose snapshot and newest deliveries were checked."""
    data = shutil.copytree(small_cabin, tmp_path_factory.mktemp("checked") / "data")
    cabin(data, "quality", "check", "--feeds")
    return data


def test_contracts_alone_are_enough(tmp_path: Path) -> None:
    """Nothing was landed: the site is there, the data folder is not made; JSON names the files and where to begin."""
    said = done(tmp_path / "data", "--json", "docs", "build", str(tmp_path / "site"), lang="zh").document
    assert said["files"] == sum(path.is_file() for path in (tmp_path / "site").rglob("*")) > 500
    assert Path(said["begin"]).is_file() and tree(tmp_path) == {"site", *(f"site/{each}" for each in tree(tmp_path / "site"))}


def test_equal_inputs_give_equal_bytes() -> None:
    """Two processes whose sets and dictionaries are ordered otherwise write the same site."""
    found = set()
    for seed in ("1", "2"):
        ran = subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        found.add(ran.stdout)
    assert len(found) == 1 and re.fullmatch(r"[0-9a-f]{64}\n", found.pop())


def test_a_real_cabin_shows_its_results_and_no_personal_value(checked: Path, deliveries: Path, tmp_path: Path) -> None:
    """Snapshot, runs and results are told; no identity number, name or address that a department delivered is in any file; the data folder stays as it was, the index of the desk and the profiles of deliveries aside."""
    before = digests(checked)
    done(checked, "docs", "build", str(tmp_path / "site"))
    assert digests(checked) == before
    assert len(list((tmp_path / "site" / "zh" / "scorecard").iterdir())) > 10
    for lang in LANGUAGES:
        page = (tmp_path / "site" / lang / "results.html").read_text(encoding="utf-8")
        assert "000001" in page and "<svg" in page
        assert 'class="kept"' in (tmp_path / "site" / lang / "suite" / "entities" / "person.html").read_text(encoding="utf-8")
    text = "\n".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*") if path.is_file())
    values = delivered(deliveries)
    assert len(values) > 60
    assert [each for each in values if each in text] == []


def digests(data: Path) -> dict[str, bytes]:
    """Every file of a data folder that is neither an index of the desk nor a profile."""
    listed = (path for path in data.rglob("*") if path.is_file() and not {"desk", "profiles"} & set(path.relative_to(data).parts))
    return {str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).digest() for path in listed}


def delivered(folder: Path) -> set[str]:
    """Cells that speak of one person: numbers, names of three letters on, addresses down to the door."""
    header, *rows = (line.split(",") for line in (folder / "1_ps_resident.csv").read_text("gb18030").splitlines() if line)
    wanted = {"姓名": 3, "证件号码": 15, "现住地址": 10}
    columns = {at: wanted[name] for at, name in enumerate(header) if name in wanted}
    assert len(columns) == len(wanted), header
    return {row[at] for row in rows for at, least in columns.items() if len(row) > at and len(row[at]) >= least}


def test_monitors_are_asked_as_the_command_asks_them(tmp_path: Path) -> None:
    """Over deliveries that nobody published yet: the alarms of `cabin quality monitor`, and no value of a person. Where profiles are in use the site says so and has everything else."""
    data = landed_in(tmp_path)
    done(data, "docs", "build", str(tmp_path / "site"))
    said = cabin(data, "--json", "quality", "monitor").document["alarms"]
    page = (tmp_path / "site" / "en" / "monitors.html").read_text(encoding="utf-8").partition('id="feeds"')[0]
    assert said and [row["says"] for row in said if row["monitor"] != "freshness" and row["says"] not in unescape(page)] == []
    text = "\n".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*") if path.is_file())
    assert 'id="series"' in text and NUMBER not in text and NAME not in text
    with only_one(data / "quality" / "profiles" / "lock", ProfilesInUse):
        done(data, "docs", "build", str(tmp_path / "site"))
    page = (tmp_path / "site" / "en" / "monitors.html").read_text(encoding="utf-8")
    assert ProfilesInUse().render("en")[0] in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_folder_is_refused_at_once(tmp_path: Path, lang: str) -> None:
    """Exit code 2 with a hint, and everything there stays."""
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("mine", encoding="utf-8")
    said = cabin(tmp_path / "data", "docs", "build", str(tmp_path / "papers"), lang=lang)
    assert said.code == 2 and "papers" in said.err and "Traceback" not in said.err
    assert {"zh": "hint: 请指定空目录", "en": "hint: Name an empty folder"}[lang] in said.err
    assert tree(tmp_path) == {"papers", "papers/thesis.txt"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_place_that_cannot_be_written_is_told_in_the_readers_language(tmp_path: Path, lang: str) -> None:
    """A file in the way is named in our words, not in the system's; nothing is made."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    said = cabin(tmp_path / "data", "docs", "build", str(tmp_path / "file" / "site"), lang=lang)
    assert said.code == 2 and {"zh": "file：该处已有文件", "en": "file cannot be written: there is a file of this name"}[lang] in said.err
    assert lang == "en" or not holds_english(said.err.replace(str(tmp_path), "").replace("hint:", "").replace("error:", ""))
    assert tree(tmp_path) == {"file"}


def test_a_snapshot_of_an_earlier_release_gives_no_scorecards_and_all_else(checked: Path, tmp_path: Path) -> None:
    """Where the published snapshot has no counts for scorecards the page of them says so; results and contracts are there."""
    data = shutil.copytree(checked, tmp_path / "data")
    snapshot = snapshot_path(data / "published")
    snapshot.chmod(0o600)
    with duckdb.connect(str(snapshot)) as con:
        con.execute("drop table source_fault")
    done(data, "docs", "build", str(tmp_path / "site"))
    assert "no scorecards" in (tmp_path / "site" / "en" / "scorecards.html").read_text(encoding="utf-8")
    assert not (tmp_path / "site" / "en" / "scorecard").exists()
    assert 'class="kept"' in (tmp_path / "site" / "en" / "suite" / "entities" / "person.html").read_text(encoding="utf-8")
