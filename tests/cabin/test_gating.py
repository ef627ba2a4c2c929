"""A broken promise of a mart as who runs a cabin meets it: nothing is published, everything goes on, a person may let it through."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import duckdb
import pytest
import structlog

from cabin.clock import BeijingClock
from cabin.loader import Loader
from cabin.ports import open_log
from cabin.settings import Settings
from contracts.ports import QuietMeter
from contracts.read import HOME
from contracts.topics import CHANGES
from tests.cabin.kit import ENVIRONMENT, cabin, done
from warehouse.gating.errors import PromiseBroken
from warehouse.publish import pointed

BROKEN = "household.main-residence-twice"


@pytest.fixture
def data(small_cabin: Path, tmp_path: Path) -> Path:
    """A cabin whose warehouse was damaged: a person has a second main residence there, of which the log knows nothing."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    with duckdb.connect(str(data / "warehouse" / "current.duckdb")) as current:
        current.execute(
            "insert into golden_residency select * exclude (other) replace (entity || '!' as entity, other as dwelling) from ("
            "select residency.*, (select max(entity) from golden_dwelling where present and entity <> dwelling) as other "
            "from golden_residency as residency where present and main order by entity limit 1)"
        )
        current.execute("delete from meta where name = 'settled'; insert into meta values ('touched_all', 'true')")
    return data


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_broken_promise_is_told_and_nothing_is_published(data: Path, lang: str) -> None:
    """`cabin run` and `cabin marts build` end with the sentence, what to do, and exit code 1; readers keep what they have."""
    for arguments in (("run",), ("marts", "build")):
        said = cabin(data, *arguments, lang=lang)
        assert said.code == 1 and "main-residence-twice" in said.err and f"--despite {BROKEN}" in said.err, said
        assert pointed(data / "published") == "000001"


def test_a_person_may_publish_all_the_same(data: Path) -> None:
    """With a reason, and only with one; what is recorded names who it was, later runs go on, and a rebuild is not stopped by it."""
    for arguments in (("--despite", BROKEN), ("--reason", "the list is being mended")):
        assert "override-needs-reason" in cabin(data, "--json", "marts", "build", *arguments).out
    assert cabin(data, "marts", "build", "--despite", "household.unheard-of", "--reason", "x").code == 2
    done(data, "marts", "build", "--despite", BROKEN, "--reason", "the list is being mended")
    line = (data / "published" / "overridden.jsonl").read_text(encoding="utf-8")
    assert '"tester"' in line and "the list is being mended" in line and (data / "published" / "overridden.jsonl").stat().st_mode & 0o077 == 0
    assert pointed(data / "published") == "000002"
    with open_log(data) as log:
        log.append(CHANGES, 0, [log.read(CHANGES, 0, log.end(CHANGES, 0) - 1)[0].message])
    assert "000003" in done(data, "run").out
    assert cabin(data, "rebuild", "--verify").code == 1, "the damage shows"


@dataclasses.dataclass
class Counted(QuietMeter):
    """Counts what is refused."""

    refused: list[str] = dataclasses.field(default_factory=list)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        if name == "cabin_publishes_refused_total":
            self.refused.append(labels["code"])


def test_a_loader_goes_on_and_tries_again_when_there_is_more(data: Path) -> None:
    """A refused snapshot ends no loader and is not made again and again: the next try is when something new was loaded. With `--once` it is an error."""
    settings, meter, looks = Settings.from_mapping({**ENVIRONMENT, "CABIN_DATA": str(data)}), Counted(), iter(range(100))

    def stopped() -> bool:
        look = next(looks)
        if look == 5:
            with open_log(data) as log:
                log.append(CHANGES, 0, [log.read(CHANGES, 0, log.end(CHANGES, 0) - 1)[0].message])
        return look >= 10

    with structlog.testing.capture_logs() as logged:
        assert Loader(settings, BeijingClock(), meter, stopped).follow() == "000001"
    assert [line["log_level"] for line in logged if line["event"] == "snapshot.refused"] == ["warning"] * 2
    assert meter.refused == [PromiseBroken.code] * 2
    with pytest.raises(PromiseBroken):
        Loader(settings, BeijingClock()).follow(once=True)


def test_marts_are_not_made_of_what_nobody_folded_anew(small_cabin: Path, tmp_path: Path) -> None:
    """Under other contracts than the log was folded with, `cabin marts build` publishes nothing, where it published marts without golden records; after `cabin run` it does."""
    data = shutil.copytree(small_cabin, tmp_path / "data")
    own = data / "feeds"
    own.mkdir()
    (own / "service_level.own.csv").write_text((HOME / "codes" / "service_level.csv").read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    said = cabin(data, "--json", "marts", "build")
    assert (said.code, said.document["error"]["code"]) == (3, "golden-of-another-release") and pointed(data / "published") == "000001"
    before = done(small_cabin, "--json", "sql", "select count(*) as n from household").document["rows"]
    done(data, "run")
    done(data, "marts", "build")
    assert done(data, "--json", "sql", "select count(*) as n from household").document["rows"] == before
