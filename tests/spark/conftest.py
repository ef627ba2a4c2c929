"""Tests on a real Spark of one machine: `make test-spark` runs them, in an environment of their own; without pyspark they are not collected, and that is said."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HERE = find_spec("pyspark") is not None
collect_ignore_glob = [] if HERE else ["test_*.py"]
OFFLINE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
"""Nothing listens beyond this machine."""
SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.driver.memory": "3g",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Few rows under long statements: compiling them to Java costs more than all rows do."""

if not HERE:
    warnings.warn(pytest.PytestWarning("SPARK TESTS NOT COLLECTED: pyspark is missing; `make test-spark` runs them"), stacklevel=1)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One session for all tests, on two threads."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
    for name, value in {**OFFLINE, **SMALL}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a small generated district, as `cabin export` writes it."""
    from tests.cabin.kit import district_in, done

    data = district_in(tmp_path_factory.mktemp("district")).data
    done(data, "history", "load")
    target = tmp_path_factory.mktemp("export") / "out"
    done(data, "export", "--to", str(target))
    return target / "current"
