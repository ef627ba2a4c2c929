"""The settings of an installation: declared once, read from a mapping, never from the environment itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cabin.errors import BrokersUnset, SettingUnusable
from contracts.model import Label


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting: the environment's name, the default and what it is for."""

    name: str
    default: str
    sentence: str


DECLARED = (
    Declared("CABIN_DATA", "data", "Folder of log, vault, state and published snapshots."),
    Declared("CABIN_LANG", "", "Language of messages, zh or en; empty: from the locale."),
    Declared("CABIN_PARTITIONS", "2", "Partitions of a new installation; fixed from then on."),
    Declared("CABIN_PROCESSES", "0", "Processes that land and normalise large loads side by side; 0: one per core, at most 4."),
    Declared("CABIN_MEMORY_MB", "3000", "Memory that the engines of one command may use in all, in megabytes."),
    Declared("CABIN_SQL_SECONDS", "3", "Seconds for which one query of `cabin sql` may run."),
    Declared("CABIN_SNAPSHOTS", "2", "Newest snapshots that stay when one is published; each has the size of the warehouse."),
    Declared("CABIN_SNAPSHOT_HOURS", "0", "Hours for which a snapshot stays besides, from when readers were last given it; 0: no longer than the newest few."),
    Declared(
        "CABIN_HISTORY_MINUTES",
        "15",
        "Minutes between loads of history beside what publishes until it is stopped; what ends by itself loads it at its end; 0: only `cabin history load` does.",
    ),
    Declared("CABIN_BROKERS", "", "Brokers of the log, host:port with commas between; empty: the log is a file in the data folder."),
    Declared("CABIN_BROKER_PORT", "19092", "Port of the broker that `cabin broker` runs on this machine; its controller takes the next one."),
    Declared("CABIN_NODE", "", "Name of this machine among the workers, the same after a restart; empty: the host name."),
    Declared("CABIN_GATEWAY_HOST", "127.0.0.1", "Address at which `cabin gateway` listens."),
    Declared("CABIN_GATEWAY_PORT", "8080", "Port at which `cabin gateway` listens; 0: any free one, which it names."),
    Declared("CABIN_GATEWAY_MAX_MB", "512", "The largest delivery that `cabin gateway` takes, in megabytes."),
    Declared("CABIN_GATEWAY_RATE", "120", "Requests that `cabin gateway` takes of one department in a minute."),
    Declared("CABIN_ACTOR", "", "Who reveals values and decides over feeds, for the ledger; empty: the login name."),
    Declared("CABIN_DESK_ROWS", "200000", "Rows over which one person may decide at the quarantine desk within an hour, at once or one by one."),
    Declared("CABIN_LINEAGE_TOKEN", "", "Bearer token that `cabin lineage send` shows to the URL it forwards to; empty: none."),
    Declared("CABIN_METRICS_HOST", "127.0.0.1", "Address on which a process serves its metrics."),
    Declared("CABIN_METRICS_PORT", "0", "Port on which a process serves its metrics, the i-th worker on the port plus i; 0: none."),
    Declared("CABIN_LOG_LEVEL", "info", "Least level of the log lines of a process that runs for ever: debug, info, warning or error."),
)

LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Brokers:
    """Brokers that hold the log instead of a file, and how many partitions its topics have; can be sent to another process."""

    addresses: str
    partitions: int


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the gateway listens and how much it takes."""

    host: str = "127.0.0.1"
    port: int = 8080
    megabytes: int = 512
    rate: int = 120


@dataclass(frozen=True, slots=True)
class Keeping:
    """Which snapshots stay: the newest `count`, and what readers were given within the last `hours`."""

    count: int = 2
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of one run."""

    data: Path
    lang: str
    partitions: int
    processes: int
    memory_mb: int
    actor: str
    partitions_named: bool = False
    """Whether the count was given and not the default: then an installation of another count is refused."""
    brokers: Brokers | None = None
    """None: the log is a file in the data folder."""
    broker_port: int = 19092
    node: str = ""
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    """0: none."""
    log_level: str = "info"
    gateway: Listening = Listening()
    snapshots: Keeping = Keeping()
    history_minutes: int = 15
    """0: history is loaded only where somebody asks for it."""
    sql_seconds: int = 3
    desk_rows: int = 200_000
    lineage_token: str | None = field(default=None, repr=False)

    @property
    def named_brokers(self) -> Brokers:
        """Raises: `BrokersUnset` where the log is a file."""
        if self.brokers is None:
            raise BrokersUnset()
        return self.brokers

    @classmethod
    def from_mapping(cls, given: Mapping[str, str]) -> Settings:
        """The settings in `given`, defaults elsewhere.

        Raises: `SettingUnusable` where a number is none or a language is unknown.
        """
        values = {setting.name: given.get(setting.name) or setting.default for setting in DECLARED}
        lang = values["CABIN_LANG"] or _locale_language(given)
        if lang not in ("zh", "en"):
            raise SettingUnusable(name="CABIN_LANG", rule="zh, en")
        if values["CABIN_LOG_LEVEL"] not in LOG_LEVELS:
            raise SettingUnusable(name="CABIN_LOG_LEVEL", rule=", ".join(LOG_LEVELS))
        processes = _number(values, "CABIN_PROCESSES", least=0) or min(4, os.cpu_count() or 1)
        partitions = _number(values, "CABIN_PARTITIONS", least=1)
        return cls(
            data=Path(values["CABIN_DATA"]),
            lang=lang,
            partitions=partitions,
            processes=processes,
            memory_mb=_number(values, "CABIN_MEMORY_MB", least=500),
            actor=values["CABIN_ACTOR"] or given.get("USER") or given.get("LOGNAME") or "unknown",
            partitions_named=bool(given.get("CABIN_PARTITIONS")),
            brokers=Brokers(values["CABIN_BROKERS"], partitions) if values["CABIN_BROKERS"] else None,
            broker_port=_number(values, "CABIN_BROKER_PORT", least=1),
            node=values["CABIN_NODE"],
            metrics_host=values["CABIN_METRICS_HOST"],
            metrics_port=_number(values, "CABIN_METRICS_PORT", least=0),
            log_level=values["CABIN_LOG_LEVEL"],
            gateway=Listening(
                host=values["CABIN_GATEWAY_HOST"],
                port=_number(values, "CABIN_GATEWAY_PORT", least=0),
                megabytes=_number(values, "CABIN_GATEWAY_MAX_MB", least=1),
                rate=_number(values, "CABIN_GATEWAY_RATE", least=1),
            ),
            snapshots=Keeping(_number(values, "CABIN_SNAPSHOTS", least=1), _number(values, "CABIN_SNAPSHOT_HOURS", least=0)),
            history_minutes=_number(values, "CABIN_HISTORY_MINUTES", least=0),
            sql_seconds=_number(values, "CABIN_SQL_SECONDS", least=1),
            desk_rows=_number(values, "CABIN_DESK_ROWS", least=1),
            lineage_token=values["CABIN_LINEAGE_TOKEN"] or None,
        )


def _number(values: Mapping[str, str], name: str, least: int) -> int:
    if not values[name].isdecimal() or int(values[name]) < least:
        raise SettingUnusable(name=name, rule=Label(f"整数，不小于 {least}", f"integer >= {least}"))
    return int(values[name])


def _locale_language(given: Mapping[str, str]) -> str:
    locale = next((given[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if given.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"
