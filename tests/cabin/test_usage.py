"""The library's English words about arguments, told in Chinese or in words of ours: every kind of mistake names what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from cabin.usage import half
from tests.cabin.kit import cabin

MISTAKES = {
    ("land",): "缺少参数 'feed'",
    ("feed", "withdraw", "visit"): "缺少选项 '--reason'",
    ("bogus",): "没有命令 'bogus'",
    ("lan",): "没有命令 'lan'；是否指 'land', 'explain'？",
    ("status", "--quick"): "没有选项 --quick",
    ("land", "--aera", "1", "x", "y"): "没有选项 --aera；相近的有 --area",
    ("status", "more"): "多余的参数：more",
    ("sql", "x", "--limit"): "选项 --limit 缺少值",
    ("run", "--follow=1"): "选项 --follow 不带值",
    ("sql", "x", "--limit", "many"): "'--limit' 的值不可用：应为整数",
    ("run", "--every", "soon"): "'--every' 的值不可用：应为数字",
    ("demo", "--people", "10"): "'--people' 的值不可用：应不小于 1000",
    ("sql", "x", "--format", "xml"): "'--format' 的值不可用：应为 'table', 'csv', 'json', 'parquet' 之一",
}


ENGLISH = {
    ("sql", "x", "--limit", "many"): "the value of '--limit' cannot be used: it must be a whole number",
    ("run", "--every", "soon"): "the value of '--every' cannot be used: it must be a number",
    ("demo", "--people", "10"): "the value of '--people' cannot be used: it must be at least 1000",
    ("rebuild", "--from", "histroy"): "the value of '--from' cannot be used: it must be one of 'raw', 'history'",
}


@pytest.mark.parametrize("line", ENGLISH, ids=" ".join)
def test_a_wrong_value_is_told_in_our_words(tmp_path: Path, line: tuple[str, ...]) -> None:
    """In English too: what the value must be, without the words of the library that reads it."""
    said = cabin(tmp_path, *line)
    assert (said.code, said.err) == (2, f"error: {ENGLISH[line]}\nhint: Run the command with --help to see what it takes.\n")


@pytest.mark.parametrize("line", MISTAKES, ids=" ".join)
def test_a_mistake_is_told_in_chinese(tmp_path: Path, line: tuple[str, ...]) -> None:
    """Exactly one sentence, with the hint in Chinese; exit code 2."""
    said = cabin(tmp_path, *line, lang="zh")
    assert (said.code, said.err) == (2, f"error: {MISTAKES[line]}\nhint: 请加 --help 查看用法。\n")


def test_headings_of_a_page_are_chinese(tmp_path: Path) -> None:
    """Usage, arguments, options, defaults and required ones; in English nothing changes."""
    page, other = (cabin(tmp_path, "report", "--help", lang=lang).out for lang in ("zh", "en"))
    assert all(word in page for word in ("用法：cabin report [选项]", "参数：", "选项：", "[必填]", "[默认：", "显示本页后退出。"))
    assert all(word in other for word in ("Usage: cabin report [OPTIONS]", "Arguments:", "Options:", "[required]", "[default:", "Show this message"))


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("At most so many. 上限，见 `x`", "上限，见 `x`", "At most so many."),
        ("English only", "English only", "English only"),
        ("只有中文", "只有中文", "只有中文"),
    ],
)
def test_a_text_is_shown_by_halves(text: str, zh: str, en: str) -> None:
    """Chinese begins at the first Chinese character; a text in one language stays whole."""
    assert (half(text, "zh"), half(text, "en")) == (zh, en)
