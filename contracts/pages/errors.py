"""What can go wrong while a page is drawn, in words for people."""

from __future__ import annotations

from contracts.errors import Unavailable


class ReportExtraMissing(Unavailable):
    """The library that writes PDF is not installed."""

    code = "report-extra-missing"
    fact = {"en": "a page as PDF needs the extra `report`, which is not installed", "zh": "生成 PDF 页面需要安装附加组件 `report`"}
    hint = {
        "en": "Install it with `pip install base-cabin[report]`, or write the page as .html.",
        "zh": "请用 `pip install base-cabin[report]` 安装，或改写为 .html。",
    }
