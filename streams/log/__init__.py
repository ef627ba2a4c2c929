"""Adapters of the `contracts.ports.Log` port: `embedded` keeps the topics in one SQLite file."""

from streams.log.embedded import EmbeddedLog

__all__ = ["EmbeddedLog"]
