"""The jars of a broker are fetched once, also where two brokers are started at one moment."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cabin.broker import Broker

MAVEN = """#!/bin/sh
for word in "$@"; do case "$word" in -DoutputDirectory=*) to="${word#*=}";; esac; done
echo run >> "$TOLD"
sleep 0.5
mkdir -p "$to" && echo jar > "$to/kafka.jar"
"""


def test_two_brokers_fetch_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first and finds what it fetched; nobody takes the other's jars away."""
    maven = tmp_path / "bin" / "mvn"
    maven.parent.mkdir()
    maven.write_text(MAVEN, encoding="utf-8")
    maven.chmod(0o755)
    told, jars = tmp_path / "told", tmp_path / "target" / "lib"
    monkeypatch.setenv("PATH", f"{maven.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TOLD", str(told))
    brokers = [Broker(tmp_path / f"broker{number}", 1, jars) for number in range(3)]
    with ThreadPoolExecutor(3) as together:
        list(together.map(Broker._fetch, brokers))
    assert told.read_text(encoding="utf-8").splitlines() == ["run"] and (jars / "kafka.jar").exists()
