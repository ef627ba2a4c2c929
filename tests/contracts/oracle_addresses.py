"""Addresses with a key that is known because the text was made from it, and what the macros over keys must say, in plain Python.

A key is `division/basic/number/building/unit/room`; the ways of writing follow domain.md, section 7.4.
"""

from __future__ import annotations

from dataclasses import dataclass

PLACES = {
    "330302006071": ("五马街道", "八仙楼社区"),
    "330302006073": ("五马街道", "百里坊社区"),
    "330302006": ("五马街道", ""),
    "330302": ("", ""),
}
CHINESE = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Address:
    """The levels of an address; '' where absent. Numbers are Arabic, without zeros in front."""

    division: str
    basic: str
    number: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""

    @property
    def key(self) -> str:
        parts = [self.division or "-", self.basic or "-", self.number or "-", self.building or "-", self.unit or "-", self.room]
        while parts[-1] in ("", "-"):
            parts.pop()
        return "/".join(parts)


@dataclass(frozen=True, slots=True)
class Style:
    """How a clerk writes: which regions in front, which word for a building, how numbers look."""

    head: int = 0
    building_word: str = "幢"
    chinese: bool = False
    zeros: bool = False
    full_width: bool = False
    room_word: str = "室"
    storey: bool = False

    def text(self, address: Address) -> str:
        """The address as this clerk writes it."""
        township, village = PLACES[address.division]
        head = ["浙江省温州市鹿城区", "温州市鹿城区", "鹿城区"][self.head] + township + village
        number = f"{address.number}号" if address.number else ""
        building = f"{self._numeral(address.building)}{self.building_word}" if address.building else ""
        unit = f"{self._numeral(address.unit)}单元" if address.unit else ""
        storey = "5层" if self.storey and address.room else ""
        room = f"{address.room.zfill(4) if self.zeros else address.room}{self.room_word}" if address.room else ""
        text = head + address.basic + number + building + unit + storey + room
        return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text) if self.full_width else text

    def _numeral(self, number: str) -> str:
        return chinese_numeral(int(number)) if self.chinese else number


def chinese_numeral(number: int) -> str:
    """1 to 99 as they are read: 三, 十, 十二, 二十, 三十四."""
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else CHINESE[tens] + "十"
    return ten + (CHINESE[ones] if ones else "")


def parts_of(key: str) -> tuple[str, list[str]]:
    """The division ('' for none) and the levels below it."""
    division, *levels = key.split("/")
    return ("" if division == "-" else division), levels


def silent(shallow: str, deep: str) -> bool:
    """Whether the first says the same as the second as far as it goes, and no more (domain.md, section 7.4)."""
    (division, levels), (of, deeper) = parts_of(shallow), parts_of(deep)
    return shallow != deep and of.startswith(division) and levels == deeper[: len(levels)]


def level(key: str) -> int | None:
    """10 room, 8 unit, 7 building or number, 6 road or estate, 5 village, 4 township, 3 county."""
    division, levels = parts_of(key)
    if levels:
        return {1: 6, 2: 7, 3: 7, 4: 8, 5: 10}[len(levels)]
    return {12: 5, 9: 4, 6: 3}.get(len(division))


def dwelling(key: str) -> str | None:
    """The key itself where it names a dwelling: a known region, and the unit or the room."""
    division, levels = parts_of(key)
    return key if division and len(levels) >= 4 else None
