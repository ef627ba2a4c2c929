"""What every feed, kind and mart promises: ODCS files, read once into one typed model, and what is compiled from them.

Read in this order: model (the words), facts (Arrow shapes), ports (what the pure parts ask of the world), read (`load`),
partition, quantities (numbers with bounds), engine (`prepare`), ban (what is refused at landing), check (every mistake of a contract file, with its line),
json_schema (row validators), profiling (what raw rows look like), dictionary (the data dictionary), subscribers, notices, asyncapi (what other systems get),
pages (pages that people print or send), site (pages about contracts for the data docs), evolution (what changed between two versions), drafting (a contract from a sample).
Imports nothing of ours, does no IO but reading its own files, knows no clock and no randomness.
"""

from contracts.errors import CabinError, InvalidContract, Unavailable, UsageError
from contracts.model import Attribute, Column, Contracts, Feed, Kind, Label, Mart
from contracts.read import load

__all__ = [
    "Attribute",
    "CabinError",
    "Column",
    "Contracts",
    "Feed",
    "InvalidContract",
    "Kind",
    "Label",
    "Mart",
    "Unavailable",
    "UsageError",
    "load",
]
