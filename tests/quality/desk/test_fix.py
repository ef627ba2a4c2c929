"""A fix end to end on the log of one machine: tried, redriven, accepted by the next run."""

from __future__ import annotations

from pathlib import Path

from tests.cabin.kit import cabin, done
from tests.quality.desk.kit import check, deliver


def test_one_row_is_mended_and_accepted(tmp_path: Path) -> None:
    """A value mapping over one row: the dry run writes nothing and says what would be; redriven, the next run accepts the row and no row is open."""
    data = tmp_path / "data"
    deliver(data, [check(1), check(2, "饭店"), check(3)])
    (row,) = done(data, "--json", "quarantine", "list").document["rows"]
    assert (row["reason"], row["column"], row["row"]) == ("object-unknown", "object_kind", 2)
    arguments = ("quarantine", "fix", "--delivery", row["delivery"], "--row", "2", "--on", "object_kind", "--map", "饭店=3")
    tried = done(data, "--json", *arguments).document
    assert (tried["rows"], tried["accepted"], tried["failing"], tried["changed"], tried["step"]) == (1, 1, 0, 1, None)
    assert [(each["before"], each["after"], each["outcome"]) for each in tried["preview"]] == [("饭店", "3", "accepted")]
    before = done(data, "--json", "sql", "select sum(accepted)::bigint as n from feed_health").document["rows"][0]["n"]
    redriven = done(data, "--json", *arguments, "--go", "--reason", "the form says 饭店 for venues").document
    assert redriven["redriven"] == 1 and redriven["step"]
    done(data, "run")
    assert done(data, "--json", "sql", "select sum(accepted)::bigint as n from feed_health").document["rows"][0]["n"] == before + 1
    again = cabin(data, "--json", *arguments)
    assert (again.code, again.document["error"]["code"]) == (2, "nothing-open")
