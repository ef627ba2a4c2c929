"""The process that runs statements: it opens the snapshot, gives up all it will not need, and answers until the asker is gone.

Begun as `python -c BOOT folder...` with a socket as standard input; imports nothing of the project but this folder's `gate` and `wire`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.ask.gate import Gate, Refused
from warehouse.ask.wire import ANSWER, GONE, READY, REFUSED, receive, send

MEGABYTE = 1 << 20
SLACK_MB = 512
"""Address space for stacks, code that is loaded late and the answer's own copy, beyond what engine and answer may have."""
DETAIL_CHARACTERS = 400


def main() -> None:
    """Answers what comes over standard input. The last argument is JSON: the file and the limits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the asker's matter
    given = json.loads(sys.argv[-1])
    with socket.socket(fileno=os.dup(0)) as channel:
        try:
            connection = _opened(given)
        except (duckdb.IOException, duckdb.SerializationException):
            send(channel, GONE)
            return
        gate = Gate(connection)
        _give_up(given["memory_mb"])
        send(channel, READY)
        with suppress(EOFError, ConnectionError):
            while True:
                _, asked = receive(channel)
                signal.setitimer(signal.ITIMER_REAL, given["seconds"] + 2)  # whoever asked may be gone: the kernel ends what runs on
                send(channel, *_answered(connection, gate, json.loads(bytes(asked))))
                signal.setitimer(signal.ITIMER_REAL, 0)


def _opened(given: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
        "temp_directory": "",
        "memory_limit": f"{given['memory_mb']}MB",
        "threads": str(given["threads"]),
        "disabled_optimizers": given["unsound"],
        "max_execution_time": str(round(given["seconds"] * 1000)),
    }
    connection = duckdb.connect(given["path"], read_only=True, config=config)
    connection.execute("set lock_configuration = true")
    return connection


def _give_up(memory_mb: int) -> None:
    """No more memory than the engine and the answer may have, no new file or socket, nothing written, no core dump with values in it."""
    with suppress(OSError):  # other systems than Linux do not tell, and do not hold, how much is addressed
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + (2 * memory_mb + SLACK_MB) * MEGABYTE
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))


def _answered(connection: duckdb.DuckDBPyConnection, gate: Gate, asked: dict[str, Any]) -> tuple[bytes, bytes | memoryview]:
    """The message that answers a question."""
    try:
        text = gate.question(asked["sql"])
        return ANSWER, _rows(connection, text, asked["values"], asked["rows"])
    except Refused as refused:
        return _refusal(refused.code, **refused.values)
    except duckdb.InterruptException:
        return _refusal("query-too-slow")
    except (duckdb.OutOfMemoryException, MemoryError):
        return _refusal("query-too-large")
    except pa.ArrowException as fault:  # a type of the engine's that Arrow does not know
        return _refusal("query-failed", detail=type(fault).__name__)
    except duckdb.Error as fault:
        told = str(fault).splitlines() or [type(fault).__name__]
        return _refusal("query-too-large" if "bad_alloc" in told[0] else "query-failed", detail=told[0][:DETAIL_CHARACTERS])


def _rows(connection: duckdb.DuckDBPyConnection, text: str, values: dict[str, Any], rows: int | None) -> memoryview:
    """The answer as an Arrow IPC stream, one row more than asked for where there is one."""
    relation = connection.sql(text, params=values or None)
    table = (relation if rows is None else relation.limit(rows + 1)).to_arrow_table()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return memoryview(sink.getvalue())


def _refusal(code: str, **values: object) -> tuple[bytes, bytes]:
    return REFUSED, json.dumps({"code": code, "values": values}).encode()
