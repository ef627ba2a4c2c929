"""How departments write addresses and numbers: SQL macros over the pieces of a door, with each department's habits and slips."""

from __future__ import annotations

WRITING_SQL = """
create macro chinese(n) as ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'][n];
create macro entry(kind, basic, number) as basic || case when kind <> 1 then number || '号' else '' end;
create macro full_width(t) as translate(t, '0123456789X', '０１２３４５６７８９Ｘ');
create macro inside(style, building, unit, room) as case style
  when 1 then coalesce(building || '号楼', '') || coalesce(unit || '单元', '') || room || '室'
  when 2 then coalesce(building || '栋', '') || coalesce(chinese(unit) || '单元', '') || room || '室'
  when 3 then coalesce(building || '幢', '') || coalesce(unit || '单元', '') || lpad(room::varchar, 4, '0') || '室'
  when 4 then case when building is null then room || '室' else building || '-' || unit || '-' || room end
  else coalesce(building || '幢', '') || coalesce(unit || '单元', '') || room || '室' end;
create macro regions(style, township_name, village_name) as case style when 0 then '浙江省温州市鹿城区' when 1 then '温州市鹿城区' when 2 then '鹿城区' else '浙江省温州市鹿城区' end
  || township_name || village_name;
create macro address_key(kind, code, basic, number, building, unit, room) as code || '/' || basic || '/'
  || case kind when 1 then '-' else number::varchar end || '/' || coalesce(building::varchar, '-') || '/' || coalesce(unit::varchar, '-') || '/' || room;
create macro excel_day(d) as (d - date '1899-12-30')::varchar;
create macro fifteen(number) as number[1:6] || number[9:17];
create macro wrong_check(number) as number[1:17] || (case number[18] when '7' then '3' else '7' end);
"""

SHORT_STYLES = {0: 0.70, 1: 0.12, 2: 0.08, 3: 0.06, 4: 0.04}
"""Shares of the ways an address is written; 4 is `12-3-501`, which a parser may only split by its order."""


def address_sql(style: str = "style", door: str = "door") -> str:
    """A whole address in one text, of the row of table `door` that is joined under this name."""
    place = f"entry({door}.kind, {door}.basic, {door}.number)"
    return f"regions({style}, {door}.township_name, {door}.village_name) || {place} || inside({style}, {door}.building, {door}.unit, {door}.room)"
