"""In which division the names of a county, a township and a village lie, in plain Python, by searching the whole table."""

from __future__ import annotations

from collections.abc import Mapping

LEVELS = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}


def level(code: str) -> str | None:
    return LEVELS.get(len(code))


def parent(code: str) -> str | None:
    """The division one level above."""
    return next((code[:shorter] for shorter, longer in zip([*LEVELS], [*LEVELS][1:], strict=False) if longer == len(code)), None)


def short(name: str) -> str:
    """老涂村委会 and 老涂村民委员会 are 老涂村; 五马社区居委会 is 五马社区."""
    for long, word in (("村民委员会", "村"), ("村委会", "村"), ("居民委员会", "居委会"), ("社区居委会", "社区")):
        name = name.replace(long, word)
    return name


class Table:
    """The shipped divisions, code to name."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = {code: short(name) for code, name in names.items()}

    def place(self, county: str | None, township: str | None, village: str | None) -> str | None:
        """The code of the deepest division that the names prove; a name that fits two proves nothing, a village none without its township."""
        if county is None:
            return None
        region = self._region(county, township or "")
        if region is None:
            return self._region(county, "")
        found = [code for code in self._names if len(code) == 12 and code[:9] == region and village and self._names[code] == short(village)]
        return found[0] if len(found) == 1 else region

    def _region(self, county: str, township: str) -> str | None:
        counties = [code for code, name in self._names.items() if len(code) == 6 and name == county]
        townships = [code for code in self._names if len(code) == 9]
        if township:
            inside = [code for code in townships if self._names[code] == township and (not county or code[:6] in counties)]
            return inside[0] if len(inside) == 1 else None
        only = {code: [each for each in townships if each[:6] == code] for code in counties}
        regions = [code if len(inside) != 1 else inside[0] for code, inside in only.items()]
        return regions[0] if len(regions) == 1 else None
