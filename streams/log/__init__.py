"""Adapters of the `contracts.ports.Log` port: `embedded` keeps the topics in one SQLite file, `kafka` on brokers.

`fenced` writes for subscribers in transactions, `topics` creates and compares topics, `latest` reads compacted ones, `told` gives every message a name and a time.
"""

from streams.log.embedded import EmbeddedLog

__all__ = ["EmbeddedLog"]
