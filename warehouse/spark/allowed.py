"""What marts, relations and golden statements may be written with: what both engines mean alike, or `gaps` makes them mean. All else is a finding of `lint`, with what to write instead.

To allow something more: say it here, close its gap in `gaps` if it has one, and let a row of a mart or a kind depend on it, so that `make test-spark` compares it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

SYNTAX: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Alias, exp.Boolean, exp.CTE, exp.Case, exp.Column, exp.ColumnDef, exp.DataType, exp.DataTypeParam, exp.Distinct, exp.Dot, exp.Except, exp.Filter, exp.From, exp.Group,
        exp.Having, exp.Identifier, exp.If, exp.IgnoreNulls, exp.In, exp.Intersect, exp.Interval, exp.Join, exp.JSONKeyValue, exp.JSONPath, exp.JSONPathKey, exp.JSONPathRoot, exp.Lambda,
        exp.Literal, exp.Null, exp.Order, exp.Ordered, exp.Paren, exp.PropertyEQ, exp.Qualify, exp.Select, exp.Star, exp.Subquery, exp.Table, exp.TableAlias, exp.Tuple, exp.Union,
        exp.Values, exp.Var, exp.Where, exp.Window, exp.With,
    }
)  # fmt: skip
OPERATORS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Add, exp.And, exp.Between, exp.BitwiseAnd, exp.BitwiseLeftShift, exp.BitwiseOr, exp.BitwiseRightShift, exp.Bracket, exp.DPipe, exp.Div, exp.EQ, exp.Exists, exp.GT, exp.GTE,
        exp.IntDiv, exp.Is, exp.LT, exp.LTE, exp.Like, exp.Mod, exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Or, exp.Sub,
    }
)  # fmt: skip
FUNCTIONS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Abs, exp.AnyValue, exp.Array, exp.ArrayAgg, exp.ArrayContains, exp.ArrayDistinct, exp.ArrayFilter, exp.ArraySize, exp.ArraySort, exp.Cast, exp.Ceil, exp.Coalesce, exp.ConcatWs,
        exp.Contains, exp.Count, exp.DateDiff, exp.EndsWith, exp.Explode, exp.FirstValue, exp.Flatten, exp.FromJson, exp.Greatest, exp.JSONExtractScalar, exp.JSONObject, exp.Lag,
        exp.Lead, exp.Least, exp.Left, exp.Length, exp.LogicalAnd, exp.LogicalOr, exp.Lower, exp.MapKeys, exp.Max, exp.Median, exp.Min, exp.Nullif, exp.Rank, exp.RegexpExtract, exp.Repeat,
        exp.Replace, exp.Right, exp.RowNumber, exp.Split, exp.SplitPart, exp.Sqrt, exp.StartsWith, exp.StrPosition, exp.Struct, exp.Substring, exp.Sum, exp.TimestampTrunc, exp.ToDays, exp.Transform,
        exp.TryCast, exp.Upper,
    }
)  # fmt: skip
NAMES = frozenset({"bit_count", "list_sum", "map_extract_value", "map_values", "to_minutes"})
"""Functions that sqlglot knows by name only; besides these the macros of contracts/rules.sql may be called."""
TYPES = frozenset(
    {
        exp.DType.ARRAY, exp.DType.BIGINT, exp.DType.BOOLEAN, exp.DType.DATE, exp.DType.DECIMAL, exp.DType.DOUBLE, exp.DType.INT, exp.DType.JSON, exp.DType.LIST, exp.DType.SMALLINT,
        exp.DType.STRUCT, exp.DType.TEXT, exp.DType.TIMESTAMP, exp.DType.TIMESTAMP_MS, exp.DType.TINYINT, exp.DType.UBIGINT, exp.DType.VARCHAR,
    }
)  # fmt: skip
UNITS = frozenset({"DAY", "HOUR", "MINUTE", "MONTH", "WEEK", "YEAR"})
"""Units of intervals, of `date_trunc` and of `date_diff`."""

HINTS: Mapping[str, str] = {
    "ApproxDistinct": "an estimate is not the same in two engines: use `count(distinct x)`",
    "ArgMax": "ties are broken by chance: number the rows in a total order and take the first (`qualify row_number() over (...) = 1`)",
    "ArgMin": "ties are broken by chance: number the rows in a total order and take the first (`qualify row_number() over (...) = 1`)",
    "Avg": "floating point depends on the order of rows: divide `sum(x)` by `count(x)` and cast the result",
    "Columns": "name the columns",
    "CurrentDate": "marts ask no clock: read `moment`",
    "CurrentTimestamp": "marts ask no clock: read `moment`",
    "First": "which row is first is chance: number the rows in a total order and take the first (`qualify row_number() over (...) = 1`)",
    "GroupConcat": "Spark's has no order: use `list(x order by x)`",
    "Last": "which row is last is chance: number the rows in a total order and take the first (`qualify row_number() over (...) = 1`)",
    "Limit": "which rows stay is chance where the order is not total: use `qualify row_number() over (...) <= n`",
    "Pivot": "use one `max(x) filter (where ...)` a column",
    "Rand": "marts are a function of what was delivered: nothing in them is random",
    "RegexpFullMatch": "the engines' expressions differ: normalise the text where it is landed, or use `starts_with`, `split_part`, `contains`",
    "RegexpILike": "the engines' expressions differ: normalise the text where it is landed, or use `starts_with`, `split_part`, `contains`",
    "RegexpLike": "the engines' expressions differ: normalise the text where it is landed, or use `starts_with`, `split_part`, `contains`",
    "RegexpReplace": "the engines' expressions differ: normalise the text where it is landed, or use `replace`, `split_part`",
    "Slice": "a part of a list has other ends in Spark: use `list_filter`",
    "StrToTime": "the engines' formats differ: landing has made dates of texts already",
    "TableSample": "marts are a function of what was delivered: nothing in them is random",
    "TimeToStr": "the engines' formats differ: use `left(x::varchar, 7)` for a month, `date_trunc` for its first day",
    "Unnest": "unnest in the select list of a subquery: `select unnest(list) as x from ...`",
}
"""By construct (the name of sqlglot's node) what to write instead."""
OTHERWISE = "write it with what warehouse/spark/allowed.py lists, or close its gap in warehouse/spark/gaps.py and list it there"
