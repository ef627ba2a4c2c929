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
    from contracts.model import Contracts
    from streams.log import EmbeddedLog
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

    @cached_property
    def log(self) -> EmbeddedLog:
        from streams.log import EmbeddedLog

        path = self.data / "log.sqlite"
        wanted = self.settings.partitions if self.settings.partitions_named or not path.exists() else None
        return self.stack.enter_context(EmbeddedLog.open(path, wanted))

    @cached_property
    def vault(self) -> Vault:
        """Never made by a command that only asks: where raw messages exist it must be there, and know what they name."""
        from cabin.ports import open_vault

        return self.stack.enter_context(open_vault(self.data, self.log))

    def close(self) -> None:
        self.stack.close()
