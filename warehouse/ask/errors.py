"""Why a question was not answered, in words for people."""

from contracts.errors import Unavailable, UsageError


class EngineNotBegun(Unavailable):
    """The process that answers queries did not come up."""

    code = "engine-not-begun"
    fact = {"en": "the process that answers queries did not begin within {seconds:g} seconds", "zh": "执行查询的进程在 {seconds:g} 秒内未能启动"}
    hint = {"en": "Try again when the machine is less busy or has more free memory.", "zh": "请在机器负载较低或内存较多时重试。"}


class QueryReachesOut(UsageError):
    """A statement names what lies beyond the tables of the snapshot: files, settings, secrets, the session or the machine."""

    code = "query-reaches-out"
    fact = {"en": "the query asks for {name}, which reaches beyond the tables of the snapshot", "zh": "查询使用了 {name}，超出了快照中表的范围"}
    hint = {
        "en": 'Ask tables and views of the snapshot; `cabin sql "show all tables"` lists them.',
        "zh": '请只查询快照中的表和视图；可用 `cabin sql "show all tables"` 列出。',
    }


class QueryTooLong(UsageError):
    """No person types a statement of this length."""

    code = "query-too-long"
    fact = {"en": "the query is longer than {characters} characters", "zh": "查询超过 {characters} 个字符"}
    hint = {"en": "Ask shorter questions, one after the other.", "zh": "请拆成较短的查询，逐条提交。"}


class QueryTooSlow(UsageError):
    """A question ran as long as one may, and was stopped."""

    code = "query-too-slow"
    fact = {"en": "the query was stopped after {seconds:g} seconds", "zh": "查询运行 {seconds:g} 秒后被停止"}
    hint = {
        "en": "Ask for less: one area or entity, counts instead of lists, joins by key. CABIN_SQL_SECONDS allows more time; `cabin export` is for whole tables.",
        "zh": "请缩小查询：限定区划或要素、用计数代替清单、按键关联。可用 CABIN_SQL_SECONDS 放宽时限；整表请用 `cabin export`。",
    }


class QueryTooLarge(UsageError):
    """A question or its answer needed more memory than one may have."""

    code = "query-too-large"
    fact = {"en": "the query needs more than the {megabytes} MB of memory it may have", "zh": "查询所需内存超过允许的 {megabytes} MB"}
    hint = {
        "en": "Ask for fewer rows or columns; CABIN_MEMORY_MB allows more, and `cabin export` is for whole tables.",
        "zh": "请减少行或列；可用 CABIN_MEMORY_MB 放宽上限，整表请用 `cabin export`。",
    }


class QueryEnded(UsageError):
    """The engine did not survive a question: it is nested too deeply, or needed too much at once. Nothing else is harmed."""

    code = "query-ended"
    fact = {"en": "the engine gave up on this query", "zh": "引擎无法处理该查询并已停止"}
    hint = {"en": "Write it with less nesting and ask for fewer rows; the snapshot is as it was.", "zh": "请减少嵌套和行数；快照不受影响。"}


class UnknownQuery(UsageError):
    """No saved query has this name."""

    code = "unknown-query"
    fact = {"en": "there is no saved query with this name", "zh": "没有该名称的已存查询"}
    hint = {"en": "Name one of: {names}.", "zh": "请使用以下之一：{names}。"}


class SavedQueryBroken(UsageError):
    """A file in the folder of saved queries is none."""

    code = "saved-query-broken"
    fact = {"en": "{file} is no saved query: {detail}", "zh": "{file} 不是已存查询：{detail}"}
    hint = {
        "en": "Write its head like those that `cabin sql --saved NAME --show` shows.",
        "zh": "请参照 `cabin sql --saved NAME --show` 所示的开头书写。",
    }


class ParameterUnknown(UsageError):
    """A value was given for a parameter that the query does not have."""

    code = "query-parameter-unknown"
    fact = {"en": "the query {query} has no parameter {name}", "zh": "查询 {query} 没有参数 {name}"}
    hint = {"en": "It has: {names}.", "zh": "可用参数：{names}。"}


class ParameterMissing(UsageError):
    """A query was asked without a value that it needs."""

    code = "query-parameter-missing"
    fact = {"en": "the query {query} needs a value for {name}", "zh": "查询 {query} 缺少参数 {name} 的值"}
    hint = {"en": "Add `--with {name}=...`; `--show` tells what it is.", "zh": "请加上 `--with {name}=...`；`--show` 可查看其含义。"}


class ParameterUnusable(UsageError):
    """A value is not of the parameter's type."""

    code = "query-parameter-unusable"
    fact = {"en": "the value given for {name} is not of its type", "zh": "参数 {name} 的值类型不符"}
    hint = {"en": "Give {form}.", "zh": "请给出{form}。"}
