"""stub"""
from __future__ import annotations
from pathlib import Path
from contracts.model import Feed
from streams.landing.source import Source
def read_xlsx(feed: Feed, path: Path, block_bytes: int) -> Source:
    raise NotImplementedError
