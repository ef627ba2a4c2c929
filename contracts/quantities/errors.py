"""What quantities refuse."""

from __future__ import annotations

from typing import ClassVar

from contracts.errors import CabinError


class MixedUnits(CabinError):
    """Quantities of different units or periods were added or compared."""

    code = "mixed-units"
    fact: ClassVar[dict[str, str]] = {"en": "{one} and {other} can be neither added nor compared", "zh": "{one} 与 {other} 不能相加或比较"}
    hint: ClassVar[dict[str, str]] = {
        "en": "Add and compare numbers of one unit and one period only; convert 万元 to 元 first.",
        "zh": "只能对同一单位、同一统计期的数相加或比较；请先把万元换算成元。",
    }
