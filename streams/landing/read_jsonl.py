"""JSON lines: one object per line, in any order of keys; also one array of objects, as some systems push it.

The header is the union of the keys of all lines, so the file is looked through once for its keys. Numbers come back as JSON numbers (1.50 is 1.5). A list or an object is no cell: in a declared column it
refuses the file, in others it comes back as JSON text.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import orjson
import pyarrow as pa
import pyarrow.csv as pc

from contracts.model import Feed, Label
from streams.errors import BrokenJson
from streams.landing.header import cleaned, header_row, no_fields, words
from streams.landing.source import Source
from streams.landing.text import Text, opened

LINE = pa.schema([("line", pa.string())])
MAX_KEYS = 1_000
KEYS_SQL = """select to_json(json_keys(line))::varchar as keys, min(number) as first from (
select line, row_number() over () as number from lines) where json_valid(line) and line[1] = '{' group by all order by first"""
BROKEN_SQL = """select count(*), min(number) from (select line, row_number() over () as number from lines)
where not coalesce(json_valid(line), false) or line[1] <> '{'"""
NESTED_SQL = """select min(number) from (select line, row_number() over () as number from lines)
where (contains(line[2:], '{') or contains(line, '[')) and json_type(line, ?) in ('ARRAY', 'OBJECT')"""


def read_jsonl(feed: Feed, path: Path, block_bytes: int, engine: duckdb.DuckDBPyConnection) -> Source:
    """Raises: `FileMissing`, `EmptyDelivery`, `WrongEncoding`, `BrokenJson`, `MissingColumns`."""
    text = opened(path, feed.encoding)
    header = keys_of(feed, text, block_bytes, engine)
    if header_row(feed, [header]) is None:
        raise no_fields(feed, path, header)
    fixes = {"encoding": 1} if text.encoding != "utf-8" else {}
    return Source(header, lambda: _blocks(text, header, block_bytes, engine), fixes)


def keys_of(feed: Feed, text: Text, block_bytes: int, engine: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """All keys in the order of first appearance; a key that one object holds twice comes twice. Each distinct list of keys is looked at once."""
    keys: dict[str, None] = {}
    repeated: list[str] = []
    seen: set[str] = set()
    rows = 0
    for lines in _lines(text, block_bytes):
        engine.register("lines", lines)
        try:
            found, broken = engine.sql(KEYS_SQL).fetchall(), engine.sql(BROKEN_SQL).fetchall()[0]
            if broken[0]:
                raise BrokenJson(file=text.path.name, row=rows + broken[1], detail=Label("不是 JSON 对象", "no JSON object"))
            for names in (_names(line) for line, _ in found if line not in seen):
                keys |= dict.fromkeys(names)
                repeated += sorted({name for name in names if names.count(name) > 1} - set(repeated))
            _refuse_nested(feed, text, list(keys), rows, engine)
        finally:
            engine.unregister("lines")
        seen.update(line for line, _ in found)
        rows += lines.num_rows
        if len(keys) > MAX_KEYS:
            raise BrokenJson(file=text.path.name, row=rows, detail=Label(f"不同的键超过 {MAX_KEYS} 个", f"more than {MAX_KEYS} different keys"))
    return (*keys, *repeated)


def _refuse_nested(feed: Feed, text: Text, keys: list[str], rows: int, engine: duckdb.DuckDBPyConnection) -> None:
    """A list is no address, whatever its text; it would pass as one."""
    known = words(feed)
    for key in (key for key in keys if cleaned(key) in known):
        first = engine.execute(NESTED_SQL, [f'$."{key}"']).fetchall()[0][0]
        if first:
            header = feed.columns[known[cleaned(key)]].header
            raise BrokenJson(file=text.path.name, row=rows + first, detail=Label(f"{header} 为列表或对象", f"a list or an object as {header}"))


def _names(keys: str) -> list[str]:
    """The keys of one object, as JSON text so that no comma or blank in a key is lost."""
    names: list[str] = orjson.loads(keys)
    return names


def _blocks(text: Text, header: tuple[str, ...], block_bytes: int, engine: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    sql = cells_sql(header)
    for lines in _lines(text, block_bytes):
        engine.register("lines", lines)
        table = engine.sql(sql).to_arrow_table()
        engine.unregister("lines")
        yield table.combine_chunks().to_batches()[0]


def cells_sql(header: tuple[str, ...]) -> str:
    """One utf8 column per key, named by position, from the relation `lines`."""
    shape = orjson.dumps(dict.fromkeys(header, "VARCHAR")).decode().replace("'", "''")
    cells = ", ".join(f'cells."{key.replace(chr(34), chr(34) * 2)}" as "{position}"' for position, key in enumerate(header))
    return f"select {cells} from (select from_json(line, '{shape}') as cells from lines)"


def _lines(text: Text, block_bytes: int) -> Iterator[pa.RecordBatch]:
    """The lines that are not blank, as a column `line`; control characters cannot stand in JSON, so one of them serves as a delimiter that never comes."""
    if text.head.lstrip()[:1] == "[":
        yield _array(text)
        return
    stream = text.stream()
    try:
        with pc.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pc.ReadOptions(use_threads=False, block_size=block_bytes, column_names=LINE.names),
            parse_options=pc.ParseOptions(delimiter="\x01", quote_char=False, escape_char=False, newlines_in_values=False),
            convert_options=pc.ConvertOptions(column_types=LINE, strings_can_be_null=False),
        ) as reader:
            yield from (batch for batch in reader if batch.num_rows)
    except pa.ArrowInvalid as error:
        raise BrokenJson(file=text.path.name, row=1, detail=Label("含控制字符或行过长", "control characters or lines that are too long")) from error
    finally:
        stream.close()


def _array(text: Text) -> pa.RecordBatch:
    """The objects of one JSON array; such pushes are small."""
    try:
        objects = orjson.loads(text.stream().read())
    except orjson.JSONDecodeError as error:
        raise BrokenJson(file=text.path.name, row=1, detail=Label("JSON 数组被截断", "a JSON array that is cut off")) from error
    return pa.record_batch([pa.array([orjson.dumps(each).decode() for each in objects], pa.string())], schema=LINE)
