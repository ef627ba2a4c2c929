"""Which statements are questions to the snapshot: told from DuckDB's own parse, before anything runs.

The locked configuration is the wall: no files, no network, no settings, a read-only database. The gate turns away beforehand what could only want to get over it, with a clear word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

TABLE_FUNCTIONS = frozenset(
    (
        "range",
        "generate_series",
        "unnest",
        "repeat",
        "repeat_row",
        "json_each",
        "json_tree",
        "regexp_split_to_table",
        "histogram",
        "histogram_values",
        "pragma_table_info",
        "pragma_show",
        "duckdb_tables",
        "duckdb_views",
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_types",
    )
)
"""What may stand after `from` besides tables; every other table function reads files, changes the session or tells of the machine."""
BARRED_FUNCTIONS = frozenset(
    (
        "getenv",
        "current_setting",
        "getvariable",
        "which_secret",
        "sleep_ms",
        "pg_sleep",
        "write_log",
        "parse_duckdb_log_message",
        "nextval",
        "currval",
        "setval",
        "setseed",
        "json_serialize_plan",
        "json_deserialize_sql",
        "current_query",
        "get_block_size",
        "query",
        "query_table",
        "checkpoint",
        "force_checkpoint",
    )
)
VIEWS = frozenset(
    (
        "tables",
        "columns",
        "schemata",
        "views",
        "key_column_usage",
        "table_constraints",
        "constraint_column_usage",
        "duckdb_tables",
        "duckdb_columns",
        "duckdb_views",
        "duckdb_constraints",
        "duckdb_types",
        "sqlite_master",
        "sqlite_schema",
    )
)
"""The engine's own views that tell of tables and columns; its others tell of settings, files and sessions."""
INTERNAL_SQL = "select view_name from duckdb_views() where internal"
ASKING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
EXPLAINING = re.compile(r"\s*explain\b(?:\s+analyze\b)?(?:\s*\(\s*format\s+\w+\s*\))?", re.IGNORECASE)


class Refused(Exception):
    """A statement that is not run: the stable code of the error it becomes, and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Gate:
    """Looks at statements for one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._internal = {str(name) for (name,) in connection.execute(INTERNAL_SQL).fetchall()} - VIEWS

    def question(self, sql: str) -> str:
        """The text of the only statement, if it asks the snapshot and nothing else.

        Raises: `Refused`; `duckdb.Error` where it is no SQL.
        """
        statements = self._connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in ASKING:
            raise Refused("query-refused")
        text = str(statements[0].query)
        self._check(self._explained(text) if statements[0].type == duckdb.StatementType.EXPLAIN else text)
        return text

    def _explained(self, text: str) -> str:
        """What an EXPLAIN explains: to be looked at as if it ran, because ANALYZE runs it."""
        head = EXPLAINING.match(text)
        inner = self._connection.extract_statements(text[head.end() :]) if head else []
        if len(inner) != 1 or inner[0].type != duckdb.StatementType.SELECT:
            raise Refused("query-refused")
        return str(inner[0].query)

    def _check(self, text: str) -> None:
        parsed = json.loads(self._connection.execute("select json_serialize_sql(?)", [text]).fetchall()[0][0])
        if parsed["error"]:
            raise Refused("query-refused")
        for node in _nodes(parsed["statements"]):
            name = _beyond(node, self._internal)
            if name is not None:
                raise Refused("query-reaches-out", name=name)


def _beyond(node: dict[str, Any], internal: set[str]) -> str | None:
    """The name in a node of the parse that reaches beyond the snapshot's tables."""
    if node.get("type") == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        return None if name in TABLE_FUNCTIONS else name
    if node.get("class") == "FUNCTION":
        name = str(node["function_name"]).lower()
        return name if name in BARRED_FUNCTIONS else None
    if node.get("type") == "BASE_TABLE":
        name = str(node["table_name"]).lower()
        return name if name in internal else None
    return None


def _nodes(parsed: object) -> Iterator[dict[str, Any]]:
    """Every object of a parse."""
    waiting = [parsed]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
