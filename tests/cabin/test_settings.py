"""Settings come from a mapping, with defaults; a value that cannot be is named with what it may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from cabin.errors import SettingUnusable
from cabin.settings import DECLARED, Brokers, Keeping, Listening, Settings


def test_nothing_given_means_the_defaults() -> None:
    """An empty environment gives what the declarations say."""
    settings = Settings.from_mapping({})
    assert (settings.data, settings.lang, settings.partitions, settings.memory_mb) == (Path("data"), "en", 2, 3000)
    assert (1 <= settings.processes <= 4) and settings.actor == "unknown"


def test_an_empty_value_is_none() -> None:
    """`CABIN_PARTITIONS=` in a compose file means the default."""
    assert Settings.from_mapping(dict.fromkeys((each.name for each in DECLARED), "")) == Settings.from_mapping({})


def test_every_given_value_is_taken() -> None:
    """Each declared name reaches its field."""
    given = {"CABIN_DATA": "/d", "CABIN_LANG": "zh", "CABIN_PARTITIONS": "3", "CABIN_PROCESSES": "2", "CABIN_MEMORY_MB": "700", "CABIN_ACTOR": "a"}
    given |= {"CABIN_BROKERS": "b:1,c:2", "CABIN_BROKER_PORT": "4000"}
    given |= {"CABIN_GATEWAY_HOST": "::1", "CABIN_GATEWAY_PORT": "0", "CABIN_GATEWAY_MAX_MB": "5", "CABIN_GATEWAY_RATE": "6", "CABIN_NODE": "n1"}
    given |= {"CABIN_METRICS_HOST": "0.0.0.0", "CABIN_METRICS_PORT": "9100", "CABIN_LOG_LEVEL": "debug"}
    given |= {
        "CABIN_SNAPSHOTS": "4",
        "CABIN_SNAPSHOT_HOURS": "24",
        "CABIN_HISTORY_MINUTES": "6",
        "CABIN_SQL_SECONDS": "7",
        "CABIN_DESK_ROWS": "8",
        "CABIN_LINEAGE_TOKEN": "x",
    }
    assert set(given) == {each.name for each in DECLARED}
    expected = Settings(
        Path("/d"),
        "zh",
        3,
        2,
        700,
        "a",
        True,
        Brokers("b:1,c:2", 3),
        4000,
        "n1",
        "0.0.0.0",
        9100,
        "debug",
        Listening("::1", 0, 5, 6),
        Keeping(4, 24),
        6,
        7,
        8,
        "x",
    )
    assert Settings.from_mapping(given) == expected


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "C"}, "zh"),
        ({"LANG": "zh_CN", "CABIN_LANG": "en"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_follows_the_locale_unless_told(environment: dict[str, str], lang: str) -> None:
    """The locale's order is the system's: LC_ALL, LC_MESSAGES, LANG."""
    assert Settings.from_mapping(environment).lang == lang


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CABIN_PARTITIONS", "0"),
        ("CABIN_PARTITIONS", "-1"),
        ("CABIN_PROCESSES", "1.5"),
        ("CABIN_MEMORY_MB", "499"),
        ("CABIN_LANG", "de"),
        ("CABIN_LOG_LEVEL", "loud"),
        ("CABIN_SNAPSHOTS", "0"),
        ("CABIN_SNAPSHOT_HOURS", "-1"),
    ],
)
def test_what_cannot_be_is_refused(name: str, value: str) -> None:
    """The error names the setting and says what it may be."""
    with pytest.raises(SettingUnusable) as caught:
        Settings.from_mapping({name: value})
    assert name in caught.value.render("zh")[0]


def test_declarations_are_whole() -> None:
    """Unique names of one family, each with a sentence."""
    assert len({each.name for each in DECLARED}) == len(DECLARED)
    assert all(each.name.startswith("CABIN_") and each.sentence.endswith(".") for each in DECLARED)
