"""stub"""
from __future__ import annotations
from pathlib import Path
import duckdb
from contracts.model import Feed
from streams.landing.source import Source
def read_jsonl(feed: Feed, path: Path, block_bytes: int, engine: duckdb.DuckDBPyConnection) -> Source:
    raise NotImplementedError
