"""What one command works with: settings, output, and the ports it opens on demand and closes at its end."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cabin.output import Output
from cabin.settings import Settings

if TYPE_CHECKING:
    from cabin.broker import Broker
    from contracts.model import Contracts
    from streams.log import EmbeddedLog
    from streams.log.kafka import KafkaLog
    from vault import Vault


@dataclass
class Session:
    """Opened lazily, so that `--help` and refusals import no engine."""

    settings: Settings
    out: Output
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def data(self) -> Path:
        return self.settings.data

    @cached_property
    def contracts(self) -> Contracts:
        """The shipped contracts and those in the data folder's own `feeds`."""
        from cabin.ports import own_feeds
        from contracts.read import load

        return load(extra=own_feeds(self.data))

    @property
    def has_log(self) -> bool:
        """Asking for the log of a cabin without a broker would make one."""
        return self.settings.brokers is not None or (self.data / "log.sqlite").exists()

    @cached_property
    def log(self) -> EmbeddedLog | KafkaLog:
        from cabin.ports import open_log

        settings = self.settings
        wanted = settings.partitions if settings.partitions_named or not (self.data / "log.sqlite").exists() else None
        log = open_log(self.data, settings.brokers, wanted)
        self.stack.callback(log.close)
        return log

    def log_moved(self) -> bool:
        """Whether a broker's log is another by now than was opened; then it is closed, and opened anew where it is used next."""
        log = self.log
        if self.settings.brokers is None or not getattr(log, "moved", lambda: False)():
            return False
        log.close()
        del self.log
        return True

    @property
    def broker(self) -> Broker:
        """The broker that runs on this machine for this data folder."""
        from cabin.broker import Broker

        return Broker(self.data / "broker", self.settings.broker_port)

    @cached_property
    def vault(self) -> Vault:
        """Never made by a command that only asks: where raw messages exist it must be there, and know what they name."""
        from cabin.ports import open_vault

        return self.stack.enter_context(open_vault(self.data, self.log))

    def close(self) -> None:
        self.stack.close()
