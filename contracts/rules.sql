-- The vocabulary of rules: DuckDB macros that every contract may use. Landing cleans cells (NFKC, trimmed, blank to null) before any macro sees them,
-- so macros take clean text; `text_clean` is for text from elsewhere. All are pure.
-- A macro gives null for what it cannot read. `list_transform([x], lambda v: ...)[1]` names a value so that it is computed once.
-- Needs the table divisions(code, name, level, parent) of `contracts.engine.prepare`.

---------------------------------------------------------------- text
create or replace macro text_clean(t) as case when regexp_full_match(t, '[!-~\x{4E00}-\x{9FFF}·]+') then t else nullif(trim(nfc_normalize(regexp_replace(translate(t,
  '　！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～',
  ' !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~'),
  '[\x{200B}\x{200C}\x{200D}\x{FEFF}\r\n\t]', '', 'g'))), '') end;   -- composed last, since dropping a sign may join two; the first branch: text of ordinary characters is clean already, in a fortieth of the time
create or replace macro filled(t) as list_transform([t], lambda fi: case when fi <> '' then fi end)[1];                      -- blank to null; nullif would compute `t` twice
create or replace macro is_none(t) as coalesce(t in ('无', '没有', '無'), false);                 -- "none", which is a value; blank is unknown

---------------------------------------------------------------- identity numbers (GB 11643-1999), passports and permits
-- Province prefixes ever assigned, with 81-83 (permits of Hong Kong, Macao, Taiwan residents) and 91 (permits of foreigners); no finer table is public for all years.
create or replace macro identity_province(n) as left(n, 2) in ('11','12','13','14','15','21','22','23','31','32','33','34','35','36','37','41','42','43','44','45','46',
  '50','51','52','53','54','61','62','63','64','65','71','81','82','83','91');
create or replace macro identity_check_char(seventeen) as list_transform([try_cast(seventeen as bigint)], lambda v: substr('10X98765432', ((
  v // 10000000000000000 % 10 * 7 + v // 1000000000000000 % 10 * 9 + v // 100000000000000 % 10 * 10 + v // 10000000000000 % 10 * 5 + v // 1000000000000 % 10 * 8
  + v // 100000000000 % 10 * 4 + v // 10000000000 % 10 * 2 + v // 1000000000 % 10 + v // 100000000 % 10 * 6 + v // 10000000 % 10 * 3 + v // 1000000 % 10 * 7
  + v // 100000 % 10 * 9 + v // 10000 % 10 * 10 + v // 1000 % 10 * 5 + v // 100 % 10 * 8 + v // 10 % 10 * 4 + v % 10 * 2) % 11 + 1)::integer, 1))[1];
create or replace macro identity_text(t) as case when regexp_full_match(t, '[0-9]{17}[0-9X]') then t else upper(regexp_replace(text_clean(t), '[ -]', '', 'g')) end;
create or replace macro identity_expanded(t) as list_transform([left(t, 6) || '19' || right(t, 9)], lambda s: s || identity_check_char(s))[1];
-- The number as 18 characters (15 digits expanded), a passport or travel permit as it is; null for any other text.
create or replace macro identity_number(t) as list_transform([identity_text(t)], lambda s: case
  when regexp_full_match(s, '[0-9]{17}[0-9X]|[A-Z]{1,3}[0-9]{6,10}') then s when regexp_full_match(s, '[0-9]{15}') then identity_expanded(s) end)[1];
-- Of a normalised number; null for passports and for days that do not exist.
create or replace macro identity_birth(n) as case when length(n) = 18 then try_cast(substr(n, 7, 4) || '-' || substr(n, 11, 2) || '-' || substr(n, 13, 2) as date) end;
create or replace macro identity_sex(n) as case when length(n) = 18 then case when substr(n, 17, 1) in ('1', '3', '5', '7', '9') then '1' else '2' end end;
-- Of `identity_text`: valid, legacy15, lost_digits, wrong_check, impossible_date, unknown_division, missing.
create or replace macro identity_verdict(s, today) as case
  when s is null or s = '' then 'missing'
  when regexp_full_match(s, '[A-Z]{1,3}[0-9]{6,10}') then 'valid'
  when regexp_full_match(s, '[0-9]{15}') then case when identity_birth(identity_expanded(s)) is null then 'impossible_date' when not identity_province(s) then 'unknown_division' else 'legacy15' end
  when regexp_full_match(s, '[0-9]{15}000|[0-9][.][0-9]+E[+]?[0-9]+') then 'lost_digits'   -- a spreadsheet keeps 15 digits: one in eleven of such numbers has a right check character
  when not regexp_full_match(s, '[0-9]{17}[0-9X]') or identity_check_char(left(s, 17)) <> right(s, 1) then 'wrong_check'
  when identity_birth(s) is null or identity_birth(s) > today or identity_birth(s) < date '1850-01-01' then 'impossible_date'
  when not identity_province(s) then 'unknown_division' else 'valid' end;
create or replace macro sex_of(t) as case when t in ('1', '男', '01', 'M') then '1' when t in ('2', '女', '02', 'F') then '2' when t in ('0', '未知', '00') then '0' when t in ('9', '未说明', '09') then '9' end;

---------------------------------------------------------------- telephone numbers
create or replace macro phone_number(t) as filled(regexp_replace(regexp_replace(text_clean(t), '[^0-9]', '', 'g'), '^(?:0086|86)(1[3-9][0-9]{9})$', '\1'));
-- mobile (an ordinary prefix of phonenumbers 9.0.43; 161 and 174 are so in part only and count as unknown), fixed, unknown (anything else with a digit: it warns, never refuses), missing.
create or replace macro phone_check(t) as list_transform([phone_number(t)], lambda n: case when n is null then 'missing'
  when regexp_full_match(n, '1(?:3[0-9]|4[57]|5[0-35-9]|6[2567]|7[0-35-8]|8[0-9]|9[0-35-9])[0-9]{8}') then 'mobile'
  when regexp_full_match(n, '0[1-9][0-9]{9,10}|[2-8][0-9]{6,7}|[48]00[0-9]{7}') then 'fixed' else 'unknown' end)[1];

---------------------------------------------------------------- dates and times (Beijing time, no zone)
create or replace macro is_serial(t) as coalesce(regexp_full_match(t, '[2-5][0-9]{4}(?:\.[0-9]+)?|60000'), false);   -- an Excel day number 20000-60000: flag it
create or replace macro date_form(t) as case when regexp_full_match(t, '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[ T].*)?') then regexp_extract(t, '^[0-9-]+')
  when regexp_full_match(t, '[0-9]{8}') then left(t, 4) || '-' || substr(t, 5, 2) || '-' || right(t, 2)
  else regexp_replace(regexp_extract(t, '^([0-9]{4}[/.年][0-9]{1,2}[/.月][0-9]{1,2})日?(?:[ T].*|[0-9]{1,2}时.*)?$', 1), '[/.年月]', '-', 'g') end;
-- ISO, 2022/8/9, 2022.8.9, 2022年8月9日, 20220809, with or without a time behind it, Excel serials (base 1899-12-30). 1900-01-00 and other impossible days: null.
create or replace macro date_of(t) as case when regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then case when try_cast(t as date) between date '1850-01-01' and date '2199-12-31' then try_cast(t as date) end
  when is_serial(t) then date '1899-12-30' + left(t, 5)::integer
  else list_transform([try_cast(date_form(t) as date)], lambda d: case when d between date '1850-01-01' and date '2199-12-31' then d end)[1] end;
create or replace macro clock_of(t) as case when not contains(t, '时') and not contains(t, ':') then null
  else list_transform([regexp_extract(t, '([0-9]{1,2})[:时]([0-9]{1,2})(?:[:分]([0-9]{1,2})(\.[0-9]{1,6})?)?', ['h', 'm', 's', 'f'])],
    lambda c: lpad(c.h, 2, '0') || ':' || lpad(c.m, 2, '0') || ':' || lpad(c.s, 2, '0') || c.f)[1] end;
-- Minutes ahead of UTC that the text names; Beijing's 480 where it names none.
create or replace macro zone_of(t) as case when regexp_matches(t, ':[0-9.]+ ?Z$') then 0 when regexp_matches(t, ':[0-9.]+ ?[+-][0-9]{2}:?[0-9]{2}$')
  then case when right(regexp_replace(t, ':', '', 'g'), 5)[1] = '-' then -1 else 1 end * (left(right(regexp_replace(t, ':', '', 'g'), 4), 2)::integer * 60 + right(t, 2)::integer) else 480 end;
-- As date_of, with the time where there is one (10:20, 10:20:30.5, 10时20分, 14 digits, the fraction of an Excel serial); Z and other zones are converted, +08:00 is dropped.
create or replace macro timestamp_of(t) as case
  when regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)?') then case when try_cast(left(t, 10) as date) between date '1850-01-01' and date '2199-12-31' then try_cast(t as timestamp) end
  when regexp_full_match(t, '[0-9]{14}') then try_cast(date_form(left(t, 8)) || ' ' || substr(t, 9, 2) || ':' || substr(t, 11, 2) || ':' || right(t, 2) as timestamp)
  when is_serial(t) then timestamp '1899-12-30' + to_milliseconds(round(t::double * 86400)::bigint * 1000)
  else try_cast(date_of(t)::varchar || ' ' || coalesce(clock_of(t), '00:00:00') as timestamp) - to_minutes(zone_of(t) - 480) end;

---------------------------------------------------------------- divisions (GB/T 2260, statistical codes)
create or replace macro division_name(t) as replace(replace(replace(replace(t, '村民委员会', '村'), '村委会', '村'), '居民委员会', '居委会'), '社区居委会', '社区');
-- How a text may name a region: county|township, county|, |township where no other township has that name. The value is `code|village=number|village=number|`, with the villages whose
-- name stands once in the township. Found by an ENUM cast, a hash look-up without a join; as a miss costs 20 microseconds, nothing empty is looked up.
create or replace table region_texts as
with named as (select code, level, division_name(name) as name, parent from divisions),
villages as (select parent, name, min(right(code, 3)) as number from named where level = 'village' group by parent, name having count(*) = 1),
listed as (select parent, string_agg(name || '=' || number || '|', '' order by name) as villages from villages group by parent),
townships as (select t.code, c.name as c, t.name as t, coalesce(villages, '') as villages, count(*) over (partition by t.parent) as siblings
  from named as t join named as c on t.parent = c.code left join listed on listed.parent = t.code where t.level = 'township'),
paths as (select c || '|' || t as path, code, villages from townships union all select '|' || t, code, villages from townships
  union all select c || '|', code, villages from townships where siblings = 1     -- a county-level city without townships has one stand-in (330383198)
  union all select name || '|', code, '' from named where level = 'county' and code not in (select left(code, 6) from townships where siblings = 1))
select path, min(code) || '|' || min(villages) as region, row_number() over (order by path) as nth from paths group by path having count(*) = 1;
drop type if exists region_path; drop type if exists region_text;
create type region_path as enum (select path from region_texts order by nth);
create type region_text as enum (select region || nth from region_texts order by nth);
create or replace macro region_of(path) as enum_range(null::region_text)[enum_code(try_cast(path as region_path)) + 1]::varchar;
create or replace macro region_code(region) as split_part(region, '|', 1);
create or replace macro village_mark(name) as case when name <> '' then '|' || division_name(name) || '=' end;
-- The mark of a village that lies in the region, else null; and its code.
create or replace macro village_in(region, name) as case when contains(region, village_mark(name)) then village_mark(name) end;
create or replace macro village_code(region, mark) as split_part(region, '|', 1) || left(split_part(region, mark, 2), 3);

---------------------------------------------------------------- addresses (GB/T 23705-2009): keys `division/basic/number/building/unit/room`
-- Chinese numerals up to 999 before a level word; digit by digit otherwise (五〇一 = 501).
create or replace macro cn_digits(t) as translate(t, '〇零一二三四五六七八九', '00123456789');
create or replace macro cn_number(t) as case when regexp_full_match(t, '[〇零一二三四五六七八九]+') then cn_digits(t)
  else list_transform([regexp_extract(cn_digits(t), '^(?:([1-9])百)?(?:([1-9]?)十)?0?([0-9]?)$', ['h', 't', 'u'])], lambda nu:
    nullif(coalesce(try_cast(nu.h as integer), 0) * 100 + case when contains(t, '十') then coalesce(try_cast(nu.t as integer), 1) * 10 else 0 end + coalesce(try_cast(nu.u as integer), 0), 0)::varchar)[1] end;
create or replace macro cn_piece(t) as case when length(t) = 1 then t
  else list_transform([regexp_extract(t, '^([〇零一二三四五六七八九十百]+)(.*)$', ['n', 's'])], lambda pc: coalesce(cn_number(pc.n), pc.n) || pc.s)[1] end;
create or replace macro address_numerals(t) as case when not regexp_matches(t, '[〇零一二三四五六七八九十百](?:号|幢|栋|座|单元|层|楼|室)') then t
  else array_to_string(list_transform(regexp_extract_all(t, '[〇零一二三四五六七八九十百]+(?:号|幢|栋|座|单元|层|楼|室)|[^〇零一二三四五六七八九十百]|.'), lambda nx: cn_piece(nx)), '') end;
create or replace macro address_text(t) as case when not regexp_matches(t, '[！-～　 -,./:-@\[-~、。—–]') then t
  else upper(regexp_replace(translate(regexp_replace(text_clean(t), '\([^)]*\)|【[^】]*】', '', 'g'), '—–', '--'), '[ ,.、。/:]', '', 'g')) end;
-- The region at the head: province, city and county; then the township and the village by their endings, not yet by the table. Whole matches only: groups cost five times as much.
create or replace macro head_region(t) as regexp_extract(t, '^(?:[^0-9A-Z省]{2,7}(?:省|自治区))?(?:[^0-9A-Z市区县]{1,6}市)?(?:[^0-9A-Z区县市社小]{1,6}[区县市])?');
create or replace macro head_city(t) as regexp_extract(t, '^(?:[^0-9A-Z省]{2,7}(?:省|自治区))?(?:[^0-9A-Z市区县]{1,6}市)?');
create or replace macro head_county(r) as regexp_extract(r, '[^省市区县]+[区县市]$');
create or replace macro head_township(t) as regexp_extract(t, '^(?:开发区|[^0-9A-Z]{1,8}?(?:街道|镇|乡镇|乡|林场|场区|保护区|开发区))');
create or replace macro head_village(t) as regexp_extract(t, '^[^0-9A-Z]{1,12}?(?:社区居委会|社区|村民委员会|村委会|居民委员会|居委会|村|生活区|管理区)');
create or replace macro after(t, head) as substr(t, length(head) + 1);
-- Other villages where the first reading is not in the table: a longer name (新村社区), one with two 村 (前村后村).
create or replace macro longer_village(t) as regexp_extract(t, '^[^0-9A-Z]{1,12}?(?:社区居委会|社区|居民委员会|居委会)');
create or replace macro second_village(t) as regexp_extract(t, '^[^0-9A-Z]{1,9}?村[^0-9A-Z]{0,6}?(?:村民委员会|村委会|村)');
-- The tail without storeys is runs of other signs and of ASCII letters and digits in turn; the sign after a run says what level it is: n 号, b 幢, u 单元, r 室 or nothing, x part of a name.
create or replace macro address_words(t) as list_transform([address_numerals(replace(t, '号楼', '幢'))], lambda nm:
  case when contains(nm, '楼') or contains(nm, '层') then regexp_replace(nm, '[0-9A-Z]+(?:楼|层)', '') else nm end)[1];
create or replace macro level_of(a, s) as case when a = '' then '' else case left(s, 1) when '室' then 'r' when '' then 'r' when '号' then 'n' when '幢' then 'b' when '单' then 'u' when '栋' then 'b' when '座' then 'b' when '#' then 'b'
  when '房' then 'r' else 'x' end end;
create or replace macro address_runs(t) as regexp_extract(t, '^([^0-9A-Z-]*)(?:([0-9A-Z-]+)([^0-9A-Z]*))?(?:([0-9A-Z-]+)([^0-9A-Z]*))?(?:([0-9A-Z-]+)([^0-9A-Z]*))?(?:([0-9A-Z-]+)([^0-9A-Z]*))?',
  ['name', 'a1', 's1', 'a2', 's2', 'a3', 's3', 'a4', 's4']);
create or replace macro run_at(g, n) as case n when 1 then g.a1 when 2 then g.a2 when 3 then g.a3 when 4 then g.a4 else '' end;
create or replace macro address_levels(g) as level_of(g.a1, g.s1) || level_of(g.a2, g.s2) || level_of(g.a3, g.s3) || level_of(g.a4, g.s4);
-- The levels found in `g`, whose letters are `l`; a 号 behind others is a room.
create or replace macro address_parts(g, l, before) as {
  'basic': before || case when g.name = '' and left(l, 1) = 'n' then substr(g.s1, 2) else g.name end,
  'number': case when left(l, 1) = 'n' then g.a1 else '' end, 'building': run_at(g, strpos(l, 'b')), 'unit': run_at(g, strpos(l, 'u')),
  'room': case when contains(l, 'r') then run_at(g, strpos(l, 'r')) when contains(substr(l, 2), 'n') then run_at(g, length(l) - strpos(reverse(l), 'n') + 1) else '' end};
create or replace macro no_zeros(t) as case when left(t, 1) = '0' then ltrim(t, '0') else t end;
create or replace macro is_road(t) as regexp_matches(t, '.(?:路|街|巷|弄|大道|胡同)$');
-- A road named before an estate, without a number, names the address (解放街锦绣和苑3幢); two signs or fewer behind it belong to the road's own estate (解放路小区).
create or replace macro road_of(t) as case when regexp_matches(t, '.(?:路|街|巷|弄|大道|胡同)[^路街巷弄]{3,}$') then regexp_extract(t, '^(.*?.(?:大道|路|街|巷|弄|胡同))[^路街巷弄]{3,}$', 1) else t end;
-- 12-3-1001 is building, unit and room; behind a building 2-501 is unit and room; 3-501 alone stays ambiguous and is kept as the room; 解放街12 is a number.
create or replace macro address_dashes(p) as case
  when not contains(p.room, '-') then case when p.room <> '' and p.number || p.building || p.unit = '' and is_road(p.basic) then {'basic': p.basic, 'number': p.room, 'building': '', 'unit': '', 'room': ''} else p end
  when p.building || p.unit = '' and regexp_full_match(p.room, '[^-]+-[^-]+-[^-]+')
    then {'basic': p.basic, 'number': p.number, 'building': split_part(p.room, '-', 1), 'unit': split_part(p.room, '-', 2), 'room': split_part(p.room, '-', 3)}
  when p.building <> '' and p.unit = '' and regexp_full_match(p.room, '[^-]+-[^-]+')
    then {'basic': p.basic, 'number': p.number, 'building': p.building, 'unit': split_part(p.room, '-', 1), 'room': split_part(p.room, '-', 2)} else p end;
-- Absent parts are '' or null; those in the middle become '-', those at the end are dropped. Null when nothing is left.
create or replace macro address_joined(division, basic, number, building, unit, room) as nullif(rtrim(coalesce(nullif(division, ''), '-') || '/' || coalesce(nullif(basic, ''), '-') || '/'
  || coalesce(nullif(no_zeros(number), ''), '-') || '/' || coalesce(nullif(no_zeros(building), ''), '-') || '/' || coalesce(nullif(no_zeros(unit), ''), '-') || '/' || coalesce(no_zeros(room), ''), '/-'), '');
-- The canonical key of an address in one text; null for blank and for 无. A subquery in steps, so that each step is computed once (and once per distinct text); not for use inside a lambda.
create or replace macro address_key(t) as (
  select address_joined(division, case when p.number = '' then road_of(p.basic) else p.basic end, p.number, p.building, p.unit, p.room)
  from (select division, address_dashes(p) as p
  from (select division, address_parts(g, l, before) as p
  from (select division, g, before, address_levels(g) as l
  from (select division, case when x then address_runs(after(words, g.name || g.a1 || g.s1)) else g end as g, case when x then g.name || g.a1 || g.s1 else '' end as before
  from (select *, level_of(g.a1, g.s1) = 'x' as x
  from (select *, address_runs(words) as g
  from (select coalesce(village_code(region, mark), case when county <> '' then region_code(region) end) as division, address_words(rest) as words
  from (select coalesce(p1, p2, p3, p5) as mark, county, coalesce(region, r5, county_region) as region,
    case when p1 is not null then after(r, township || village) when p2 is not null then after(r, township || v2) when p3 is not null then after(r, township || v3) when p5 is not null then after(w2, t5 || v5)
      when county = '' then w when region is not null then after(r, township) when r5 is not null then after(w2, t5) when county_region is not null then r else w end as rest
  from (select * replace (case when region is null and r5 is not null then c5 else county end as county), village_in(region, v2) as p2, village_in(region, v3) as p3, village_in(r5, v5) as p5
  from (select *, case when p1 is null then longer_village(after(r, township)) end as v2, case when p1 is null then second_village(after(r, township)) end as v3,
    case when region is null then head_village(after(w2, t5)) end as v5, case when region is null and c5 || t5 <> '' and (c5 <> county or t5 <> township) then region_of(c5 || '|' || t5) end as r5
  from (select *, village_in(region, village) as p1, case when region is null then head_county(h5) end as c5, case when region is null then head_township(w2) end as t5
  from (select *, head_village(after(r, township)) as village, case when region is null and county <> '' then region_of(county || '|') end as county_region, case when region is null then after(w, h5) end as w2
  from (select *, case when county || township <> '' then region_of(county || '|' || township) end as region, head_city(w) as h5
  from (select *, head_township(r) as township
  from (select w, head_county(region) as county, after(w, region) as r
  from (select w, head_region(w) as region
  from (select case when not is_none(t) then address_text(t) end as w))))))))))))))))) as a);
-- An address delivered in parts; each part may carry its level word (3幢, 三单元, 0501室) or not.
create or replace macro part_of(t) as case when regexp_full_match(t, '[0-9A-Z-]+') then t when is_none(t) then '' when regexp_full_match(t, '[0-9A-Z-]+(?:号|幢|单元|室|号楼|栋|座|层|楼|房)') then regexp_extract(t, '^[0-9A-Z-]+')
  else list_transform([address_text(t)], lambda pt: regexp_extract(address_numerals(pt), '^[^0-9A-Z]*([0-9A-Z-]+|[甲乙丙丁东南西北中])', 1))[1] end;
create or replace macro address_place(county, township, village) as (
  select coalesce(village_code(region, mark), region_code(region), case when region is null then region_code(region_of(c || '|')) end)
  from (select c, region, village_in(region, v) as mark
  from (select c, v, region_of(c || '|' || t) as region
  from (select county as c, coalesce(township, '') as t, village as v))));
create or replace macro address_key_of_parts(county, township, village, road, estate, number, building, unit, room) as list_transform([{'d': address_place(county, township, village), 'n': part_of(number), 'b': part_of(building), 'u': part_of(unit), 'r': part_of(room)}],
  lambda kp: address_joined(kp.d, coalesce(road, estate), kp.n, kp.b, kp.u, kp.r))[1];
-- The key of a whole address written into the cell of the road, down to the room; null where the columns of its regions are filled, or the cell says less.
create or replace macro address_in_one_cell(county, township, village, road) as list_transform([address_key(case when coalesce(county, township, village) is null then road end)],
  lambda oc: case when address_level(oc) = 10 then oc end)[1];
-- `key` with the building, unit and room that other columns give.
create or replace macro address_within(key, building, unit, room) as case when key is not null then list_transform([{'k': string_split(key, '/'), 'b': part_of(building), 'u': part_of(unit), 'r': part_of(room)}], lambda wk: address_joined(wk.k[1], wk.k[2], wk.k[3],
  case when wk.b <> '' then wk.b else wk.k[4] end, case when wk.u <> '' then wk.u else wk.k[5] end, case when wk.r <> '' then wk.r else wk.k[6] end))[1] end;
create or replace macro address_division(key) as list_transform([split_part(key, '/', 1)], lambda dk: case when dk <> '-' then dk end)[1];
create or replace macro address_building(key) as rtrim(array_to_string(string_split(key, '/')[1:4], '/'), '/-');
-- The deepest level of a key (7.4): 10 room, 8 unit, 7 number or building, 6 road or estate, 5 village, 4 township, 3 county; null for none.
create or replace macro address_level(key) as list_transform([key], lambda lk: case length(lk) - length(replace(lk, '/', '')) when 5 then 10 when 4 then 8 when 3 then 7 when 2 then 7 when 1 then 6
  else case length(lk) when 12 then 5 when 9 then 4 when 6 then 3 end end)[1];
-- The key of a dwelling: its region is known and it says at least the unit; null for a shallower key and for text that names no place.
create or replace macro dwelling_key(key) as list_transform([key], lambda dw: case when address_region(dw) <> '' and address_level(dw) >= 8 then dw end)[1];
create or replace macro address_rest(key) as case when contains(key, '/') then substr(key, strpos(key, '/')) else '' end;
-- Not by address_division: DuckDB 2.0.0 cannot bind nullif(split_part(...)) where it knows a column of the golden statement to be ASCII.
create or replace macro address_region(key) as coalesce(nullif(string_split(key, '/')[1], '-'), '');
-- Whether `a` is shallower than `b` in the same branch, so that it neither agrees nor contradicts.
create or replace macro address_silent(a, b) as coalesce(a <> b and starts_with(address_region(b), address_region(a)) and (address_rest(a) = '' or starts_with(address_rest(b) || '/', address_rest(a) || '/')), false);

---------------------------------------------------------------- codes and numbers
-- The code of `list` that `t` means when zeros were lost or added in front; null when there is none.
create or replace macro code_of(t, list) as case when list_contains(list, t) then t else list_filter(list, lambda lc: ltrim(lc, '0') = ltrim(t, '0') and t <> '')[1] end;
create or replace macro number_of(t) as case when regexp_full_match(t, '-?[0-9]+(?:\.[0-9]+)?') then try_cast(t as decimal(18, 6)) else try_cast(replace(regexp_extract(t, '^(?:约|近|超)?(-?[0-9][0-9,]*(?:\.[0-9]+)?)(?:多|余)?(?:平方米|㎡|m2|人|户|套|间|层|元|个|家)?$', 1), ',', '') as decimal(18, 6)) end;
create or replace macro whole_of(t) as case when number_of(t) = floor(number_of(t)) then number_of(t)::bigint end;
create or replace macro year_of(t) as coalesce(try_cast(regexp_extract(t, '^((?:18|19|20)[0-9]{2})年?$', 1) as integer), year(date_of(t)));
create or replace macro flag_of(t) as case when t in ('是', '有', '在', '存在', '1', 'true', 'TRUE', '真') then true when t in ('否', '无', '不在', '已不存在', '0', 'false', 'FALSE', '假') then false end;

---------------------------------------------------------------- quantities with bounds (contracts/quantities says the same of single values)
-- The bound that the words of a number and those beside it say together: eq, ge [v, ∞), lt [0, v), approx; words that contradict each other leave it approximate.
create or replace macro bound_word(t) as case regexp_matches(t, '不少于|不低于|以上|超过|至少|余|多|超|逾|≥')::integer + 2 * regexp_matches(t, '将近|接近|不到|不足|未满|近|<')::integer
  + 4 * regexp_matches(t, '大约|大概|左右|上下|约')::integer when 0 then 'eq' when 1 then 'ge' when 2 then 'lt' when 4 then 'approx' when 3 then 'approx' when 5 then 'approx' when 6 then 'approx' when 7 then 'approx' end;
create or replace macro unit_of(w) as case when w in ('人', '名') then 'persons' when w = '人次' then 'person_times' when w = '户' then 'households' when w = '家' then 'businesses' when w = '元' then 'yuan'
  when w in ('次', '轮') then 'times' when w = '场' then 'sessions' when w in ('起', '件') then 'cases' when w = '套' then 'sets' when w = '份' then 'sheets' when w = '条' then 'items' when w = '处' then 'sites'
  when w = '个' then 'pieces' when w = '箱' then 'boxes' when w = '吨' then 'tonnes' when w = '克' then 'grams' when w = '平方公里' then 'km2' when w = '分钟' then 'minutes' when w = '小时' then 'hours'
  when w in ('天', '日') then 'days' when w = '周' then 'weeks' when w in ('月', '个月') then 'months' end;
create or replace macro scale_of(w) as case w when '' then 1 when '百' then 100 when '千' then 1000 when '万' then 10000 when '亿' then 100000000 end;
create or replace macro amount_parts(t) as regexp_extract(case when t in ('无', '没有', '零') then '0'
  else regexp_replace(t, '\s|不少于|不低于|以上|超过|至少|余|多|超|逾|≥|将近|接近|不到|不足|未满|近|<|大约|大概|左右|上下|约|达到|共计|达|共', '', 'g') end,
  '^([0-9]+(?:\.[0-9]{1,6})?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,6})?)(百|千|万|亿)?(平方公里|人次|分钟|小时|个月|人|名|户|家|元|次|轮|场|起|件|套|份|条|处|个|箱|吨|克|天|日|周|月)?$', ['n', 's', 'u']);
-- A number in the base unit (元 for 万元) under a column whose unit is known: null for another unit, for text that is no number and for "less than 0". Without scale or unit of its own it is
-- counted in `scale`: 10000 under a heading in 万元. `word`: what a column beside it says of the bound.
create or replace macro amount_of(t, word, unit, scale) as list_transform([amount_parts(t)], lambda am: case when am.u = '' or unit_of(am.u) = unit
  then case when regexp_matches(am.n, '[1-9]') or bound_word(t || coalesce(word, '')) <> 'lt'
  then try_cast(try_cast(replace(am.n, ',', '') as decimal(18, 6))::decimal(28, 6) * (case when am.s || am.u = '' then scale else scale_of(am.s) end)::decimal(10, 0) as decimal(18, 6)) end end)[1];
create or replace macro bound_of(t, word, unit, scale) as case when amount_of(t, word, unit, scale) is not null then bound_word(t || coalesce(word, '')) end;
-- Intervals {value, low, high, low_open, high_open}; no `high`: no upper end. The sum of a group's parts: a missing part is 0 or more, so it takes the upper end away; null where all are missing.
create or replace macro interval_sum(amount, bound) as case when count(amount) > 0 then {'value': sum(amount), 'low': sum(case when bound in ('eq', 'ge') then amount else 0 end),
  'high': case when bool_and(coalesce(bound in ('eq', 'lt'), false)) then sum(amount) end, 'low_open': false, 'high_open': bool_and(coalesce(bound in ('eq', 'lt'), false)) and bool_or(coalesce(bound = 'lt', false))} end;
-- The worst ends of `a` for each `b`; null where `b` is 0.
create or replace macro interval_ratio(a, b) as case when a.value is not null and b.value <> 0 and (b.high is null or b.high <> 0) then {'value': a.value / b.value, 'low': case when b.high is null then 0 else a.low / b.high end,
  'high': case when b.low <> 0 then a.high / b.low end, 'low_open': a.low_open or (a.low > 0 and (b.high is null or b.high_open)),
  'high_open': a.high is not null and b.low <> 0 and (a.high_open or (a.high <> 0 and b.low_open))} end;
create or replace macro interval_bound(i) as case when i.value is null then null when i.low = i.high then 'eq' when i.high is null then case when i.value = i.low then case when i.low_open then 'gt' else 'ge' end
  when i.low > 0 then 'between' else 'approx' end when i.value = i.high and i.low <= 0 then case when i.high_open then 'lt' else 'le' end else 'between' end;
-- The minutes within which somebody must act (2小时, 30分钟, 3天); null for what comes again and again (每2小时), has no fixed length (个月) or names no unit: no unit, no timer.
create or replace macro timer_minutes(t) as list_transform([unit_of(amount_parts(t).u)], lambda tu: case when bound_word(t) = 'eq'
  then (amount_of(t, null, tu, 1) * case tu when 'minutes' then 1 when 'hours' then 60 when 'days' then 1440 when 'weeks' then 10080 end)::bigint end)[1];
-- A month as its first day: 2026-03, 202603, 2026年3月, 2026/3, the serial of any day in it; null without a year.
create or replace macro month_of(t) as case when regexp_full_match(t, '[0-9]{4}[-/.年]?[0-9]{1,2}月?') and not is_serial(t)
  then try_cast(left(t, 4) || '-' || lpad(regexp_extract(t, '^[0-9]{4}[-/.年]?([0-9]{1,2})', 1), 2, '0') || '-01' as date) else date_trunc('month', date_of(t))::date end;
-- The first day of what a count stands for, by the month it was reported for and the words of its scope: the month (blank), the year so far, the twelve months to its end, a calendar year. Null for other words.
create or replace macro window_from(month, scope) as case when scope is null or scope in ('当月', '本月', '月度') then month when scope in ('累计', '年内累计', '本年', '今年以来') then date_trunc('year', month)::date
  when scope in ('一年来', '近一年', '过去一年') then (month - interval 11 months)::date else try_cast(regexp_extract(scope, '^((?:19|20)[0-9]{2})年(?:全年)?$', 1) || '-01-01' as date) end;
create or replace macro window_to(month, scope) as case when regexp_full_match(scope, '(?:19|20)[0-9]{2}年(?:全年)?') then try_cast(left(scope, 4) || '-12-31' as date) else last_day(month) end;

---------------------------------------------------------------- unified social credit codes (GB 32100-2015)
-- The first branch: a code as it is printed, in a third of the time.
create or replace macro credit_code(t) as case when regexp_full_match(t, '[0-9A-Z]{18}') then t else filled(upper(regexp_replace(text_clean(t), '[ -]', '', 'g'))) end;
-- The weighted sum of the first 17 signs' values, which are one less than their places; written out, because a list made for every code takes twice the time.
create or replace macro credit_sum(c) as
  strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[1]) * 1 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[2]) * 3 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[3]) * 9
  + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[4]) * 27 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[5]) * 19 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[6]) * 26
  + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[7]) * 16 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[8]) * 17 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[9]) * 20
  + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[10]) * 29 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[11]) * 25 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[12]) * 13
  + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[13]) * 8 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[14]) * 24 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[15]) * 10
  + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[16]) * 30 + strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', c[17]) * 28 - 305;
create or replace macro credit_form(c) as regexp_full_match(c, '[1-9ANY][0-9ABCDEFGHJKLMNPQRTUWXY][0-9]{6}[0-9ABCDEFGHJKLMNPQRTUWXY]{10}');
-- Whether the last sign is the one that the others ask for; of a code of the right form.
create or replace macro credit_agrees(c) as substr('0123456789ABCDEFGHJKLMNPQRTUWXY', ((31 - credit_sum(c) % 31) % 31 + 1)::integer, 1) = right(c, 1);
create or replace macro credit_sound(c) as coalesce(case when credit_form(c) then credit_agrees(c) end, false);
-- valid, wrong_check, wrong_form, missing.
create or replace macro credit_check(t) as list_transform([credit_code(t)], lambda cc: case when cc is null then 'missing' when not credit_form(cc) then 'wrong_form' when credit_agrees(cc) then 'valid' else 'wrong_check' end)[1];
-- A code with one letter outside the alphabet: what it would be with O/0, I/1, S/5 or Z/2 exchanged, if that passes the check. A proposal for a person, never a fix.
create or replace macro credit_proposal(t) as list_transform([credit_code(t)], lambda cp: case when regexp_full_match(cp, '[^OISZ]*[OISZ][^OISZ]*') then case when credit_sound(translate(cp, 'OISZ', '0152')) then translate(cp, 'OISZ', '0152') end end)[1];
-- Whether the body (GB 11714) agrees with its own check; a warning only.
create or replace macro credit_body_agrees(c) as substr('0123456789X', (11 - list_sum(list_transform(range(1, 9), lambda bi: (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(c, 8 + bi::integer, 1)) - 1) * [3, 7, 9, 10, 5, 8, 4, 2][bi])) % 11)::integer % 11 + 1, 1) = substr(c, 17, 1);

---------------------------------------------------------------- industries (GB/T 4754-2017) and divisions (GB/T 2260)
create or replace macro industry_section(t) as list_transform([try_cast(left(regexp_extract(t, '[0-9]+'), 2) as integer)], lambda iv: case when iv is null then nullif(regexp_extract(t, '^([A-T])$', 1), '')
  when iv between 1 and 5 then 'A' when iv between 6 and 12 then 'B' when iv between 13 and 43 then 'C' when iv between 44 and 46 then 'D' when iv between 47 and 50 then 'E' when iv between 51 and 52 then 'F' when iv between 53 and 60 then 'G'
  when iv between 61 and 62 then 'H' when iv between 63 and 65 then 'I' when iv between 66 and 69 then 'J' when iv = 70 then 'K' when iv between 71 and 72 then 'L' when iv between 73 and 75 then 'M' when iv between 76 and 79 then 'N'
  when iv between 80 and 82 then 'O' when iv = 83 then 'P' when iv between 84 and 85 then 'Q' when iv between 86 and 90 then 'R' when iv between 91 and 96 then 'S' when iv = 97 then 'T' end)[1];
-- Section letter and digits (F5199), the letter added where it is missing; null where letter and digits disagree or the code is none.
create or replace macro industry_code(t) as case when regexp_full_match(t, '[A-T]') then t when regexp_full_match(t, '[A-T]?[0-9]{2,4}') and (left(t, 1) = industry_section(t) or regexp_full_match(t, '[0-9]+'))
  then industry_section(t) || regexp_extract(t, '[0-9]+') end;
create or replace macro industry_level(c) as case length(c) when 1 then 'section' when 3 then 'division' when 4 then 'group' when 5 then 'class' end;
create or replace macro industry_parent(c) as case length(c) when 3 then left(c, 1) when 4 then left(c, 3) when 5 then left(c, 4) end;
-- A statistical code with the zeros a spreadsheet took from its right end restored (33 to 12 digits come as they are); null for anything but 2, 4, 6, 9 or 12 digits.
create or replace macro division_code(t) as list_transform([regexp_extract(t, '^([1-9][0-9]{1,11})$', 1)], lambda dv: case when length(dv) = 12 and right(dv, 10) = '0000000000' then left(dv, 2) when length(dv) = 12 and right(dv, 8) = '00000000' then left(dv, 4)
  when length(dv) = 12 and right(dv, 6) = '000000' then left(dv, 6) when length(dv) = 12 and right(dv, 3) = '000' then left(dv, 9) when length(dv) in (2, 4, 6, 9, 12) then dv end)[1];
create or replace macro division_level(c) as case length(c) when 2 then 'province' when 4 then 'city' when 6 then 'county' when 9 then 'township' when 12 then 'village' end;
create or replace macro division_band(c) as case length(c)
  when 9 then case when right(c, 3) between '001' and '099' then 'street' when right(c, 3) between '100' and '199' then 'town' when right(c, 3) between '200' and '399' then 'township' when right(c, 3) between '400' and '599' then 'quasi' end
  when 12 then case when right(c, 3) between '001' and '199' then 'residents_committee' when right(c, 3) between '200' and '399' then 'villagers_committee' when right(c, 3) between '400' and '599' then 'quasi' end end;
-- Whether a name's ending fits the band of its code; a warning, since 171 street offices stand in the quasi band. Null where neither tells.
create or replace macro division_band_agrees(c, name) as case division_band(c) when 'street' then name like '%街道' when 'town' then name like '%镇' when 'township' then name like '%乡'
  when 'residents_committee' then name like '%社区' or name like '%居委会' when 'villagers_committee' then name like '%村' or name like '%村委会' or name like '%村民委员会' end;

---------------------------------------------------------------- coordinates: canonical CGCS2000; GCJ-02 and BD-09 as points {lat, lon} in degrees
create or replace macro gcj_wave(x) as (20 * sin(6 * pi() * x) + 20 * sin(2 * pi() * x)) * 2 / 3;
create or replace macro gcj_north(x, y) as -100 + 2 * x + 3 * y + 0.2::double * y * y + 0.1::double * x * y + 0.2::double * sqrt(abs(x)) + gcj_wave(x) + (20 * sin(pi() * y) + 40 * sin(pi() * y / 3)) * 2 / 3 + (160 * sin(pi() * y / 12) + 320 * sin(pi() * y / 30)) * 2 / 3;
create or replace macro gcj_east(x, y) as 300 + x + 2 * y + 0.1::double * x * x + 0.1::double * x * y + 0.1::double * sqrt(abs(x)) + gcj_wave(x) + (20 * sin(pi() * x) + 40 * sin(pi() * x / 3)) * 2 / 3 + (150 * sin(pi() * x / 12) + 300 * sin(pi() * x / 30)) * 2 / 3;
create or replace macro gcj_m(lat) as 1 - 0.00669342162296594323::double * sin(radians(lat)) * sin(radians(lat));
create or replace macro in_gcj_box(lat, lon) as lon between 72.004::double and 137.8347::double and lat between 0.8293::double and 55.8271::double;
create or replace macro gcj_of_cgcs(lat, lon) as case when in_gcj_box(lat, lon) then {
  'lat': lat + 180 * gcj_north(lon - 105, lat - 35) / (pi() * 6378245::double * (1 - 0.00669342162296594323::double) / (gcj_m(lat) * sqrt(gcj_m(lat)))),
  'lon': lon + 180 * gcj_east(lon - 105, lat - 35) / (pi() * 6378245::double * cos(radians(lat)) / sqrt(gcj_m(lat)))} else {'lat': lat, 'lon': lon} end;
create or replace macro bd_of_gcj(lat, lon) as list_transform([{'z': sqrt(lon * lon + lat * lat) + 0.00002::double * sin(radians(3000::double * lat)), 'a': atan2(lat, lon) + 0.000003::double * cos(radians(3000::double * lon))}],
  lambda bz: {'lat': bz.z * sin(bz.a) + 0.006::double, 'lon': bz.z * cos(bz.a) + 0.0065::double})[1];
-- The inverses iterate p + (target - f(p)); eight rounds reach 1e-10 degrees, one errs by metres.
create or replace macro cgcs_of_gcj(lat, lon) as list_reduce(list_transform(range(9), lambda g0: {'lat': lat::double, 'lon': lon::double}), lambda gp, gt:
  {'lat': gp.lat + gt.lat - gcj_of_cgcs(gp.lat, gp.lon).lat, 'lon': gp.lon + gt.lon - gcj_of_cgcs(gp.lat, gp.lon).lon});
create or replace macro gcj_of_bd(lat, lon) as list_reduce(list_transform(range(9), lambda b0: {'lat': lat::double, 'lon': lon::double}), lambda bp, bt:
  {'lat': bp.lat + bt.lat - bd_of_gcj(bp.lat, bp.lon).lat, 'lon': bp.lon + bt.lon - bd_of_gcj(bp.lat, bp.lon).lon});
create or replace macro cgcs_of_bd(lat, lon) as list_transform([gcj_of_bd(lat, lon)], lambda cb: cgcs_of_gcj(cb.lat, cb.lon))[1];
-- A point {lat, lon} in CGCS2000 from numbers in the system `crs` names; null for an unknown system or no number.
create or replace macro point_of(lat, lon, crs) as case crs when 'CGCS2000' then {'lat': lat::double, 'lon': lon::double} when 'GCJ02' then cgcs_of_gcj(lat::double, lon::double) when 'BD09' then cgcs_of_bd(lat::double, lon::double) end;
-- Latitude and longitude exchanged: only then do both lie in China.
create or replace macro point_swapped(lat, lon) as coalesce(lat between 73 and 136 and lon between 3 and 54, false);
create or replace macro point_in_china(lat, lon) as coalesce(lat between 3 and 54 and lon between 73 and 136, false);
---------------------------------------------------------------- what several feeds say alike
create or replace macro venue_id(licence, name, key) as coalesce(upper(licence), name || '@' || key);
create or replace macro people_band(n) as case when n = 0 then '0' when n = 1 then '1' when n = 2 then '2' when n between 3 and 5 then '3-5' when n > 5 then '6+' end;
create or replace macro division_parent(c) as case length(c) when 4 then left(c, 2) when 6 then left(c, 4) when 9 then left(c, 6) when 12 then left(c, 9) end;

---------------------------------------------------------------- household visits
create or replace macro visit_kind(t) as case coalesce(t, '房屋') when '房屋' then 'dwelling' when '人房关系' then 'residency' when '人' then 'person' when '企业' then 'business' when '场所' then 'venue' when '设备' then 'thing' end;
create or replace macro visit_thing(no) as case split_part(no, ':', 1) when '公共高清' then 'public' when '内部单位' then 'unit' when '社会' then 'private' when '农村小探头' then 'rural' else lower(split_part(no, ':', 1)) end
  || ':' || no_zeros(upper(split_part(no, ':', 2)));
create or replace macro visit_entity(kind, no, dwelling) as list_transform([{'k': kind, 'd': dwelling}], lambda ve: case ve.k when 'dwelling' then ve.d when 'residency' then no || '@' || ve.d when 'person' then no when 'thing' then visit_thing(no) else upper(no) end)[1];
-- What a visit may change; all else becomes a correction request.
create or replace macro visit_may(kind, field) as coalesce(case kind
  when 'dwelling' then field in ('present', 'use', 'tenure', 'occupancy', 'people_band', 'lock_grade', 'door_entry', 'alarm', 'grille', 'exposure_grade')
  when 'residency' then field in ('present', 'residence_type', 'residence_status', 'relation_to_owner', 'from_on', 'to_on')
  when 'person' then field = 'phone' when 'business' then field in ('present', 'operating_address') when 'venue' then field in ('open_status', 'open_hazards')
  when 'thing' then field in ('present', 'kind', 'status', 'grade', 'level', 'building_id', 'address') end, false);
-- What a visit can only ask the owning department to correct.
create or replace macro visit_asks(kind, field) as coalesce(case kind
  when 'dwelling' then field in ('address', 'address_code', 'building_id', 'floor_area_m2', 'rooms', 'storey', 'built_year', 'minors', 'lon', 'lat', 'crs')
  when 'residency' then field = 'registered_here' when 'person' then field in ('present', 'doc_type', 'doc_check', 'name', 'sex', 'birth_year', 'deregistered_on')
  when 'business' then field in ('name', 'status', 'entity_kind', 'industry_code', 'registered_address', 'established_on', 'staff_band')
  when 'venue' then field in ('present', 'name', 'kind', 'licence_no', 'operator_uscc', 'capacity', 'address', 'address_id', 'last_checked_on')
  when 'thing' then field in ('ownership', 'place_id', 'installed_on', 'subsidy_yuan', 'lon', 'lat', 'crs') end, false);
-- Codes as `list|code`: a cast tells whether a value is one.
drop type if exists code_word;
create type code_word as enum (select list || '|' || code from codes);
drop type if exists visit_reason_word;
create type visit_reason_word as enum (select code from codes where list = 'visit_reason');
-- What is counted, by the names departments give it; null for a name that nobody has declared, since one name may stand for two things.
create or replace macro measure_of(t) as case when t in ('有效警情', '警情', '警情数') then 'incidents' when t in ('刑事警情', '刑事案件') then 'crimes' when t in ('电信网络诈骗', '电信诈骗', '电诈') then 'fraud' when t in ('盗窃', '盗窃警情') then 'theft'
  when t in ('入室盗窃', '入室盗') then 'burglary' when t in ('抢劫抢夺', '两抢') then 'robbery' when t in ('电动自行车盗窃', '电动车盗窃', '盗窃电动车') then 'ebike_theft' when t in ('矛盾纠纷', '纠纷', '纠纷警情') then 'disputes'
  when t in ('民转刑', '民转刑案件') then 'escalated' when t = '民转刑稳控' then 'contained' when t in ('火警', '火灾') then 'fires' when t in ('热线诉求', '热线', '12345热线') then 'calls'
  else split_part(try_cast('measure|' || t as code_word)::varchar, '|', 2) end;
create or replace macro visit_list(field) as case field when 'use' then 'dwelling_use' when 'status' then 'thing_status' when 'kind' then 'thing_kind' when 'grade' then 'lock_grade' else field end;
-- The value as the key of an address, where the field is one.
create or replace macro visit_key(field, v) as address_key(case when field in ('operating_address', 'registered_address', 'address', 'building_id') then v end);
-- The value found, normalised as the attribute's own: codes of its list, true and false, ISO days, address keys, whole numbers, tokens of telephones.
-- `key`: what `visit_key` gives for the same cell; it stands apart so that a row's value is read as an address once.
create or replace macro visit_value(field, v, key) as case when field in ('operating_address', 'address', 'building_id') then key
  when field in ('present', 'door_entry', 'alarm', 'grille') then flag_of(v)::varchar when field in ('from_on', 'to_on') then date_of(v)::varchar when field in ('open_hazards', 'level') then whole_of(v)::varchar
  when field = 'phone' then v else split_part(try_cast(visit_list(field) || '|' || case when length(v) > 1 then no_zeros(v) else v end as code_word)::varchar, '|', 2) end;
-- The value asked for, as the departments' own claims have it where that is known, else as clean text.
create or replace macro visit_asked(field, v, key) as case when field = 'sex' then sex_of(v) when field = 'birth_year' then left(regexp_replace(text_clean(v), '[^0-9]', '', 'g'), 4)
  when field in ('deregistered_on', 'established_on', 'last_checked_on', 'installed_on') then date_of(v)::varchar when field in ('present', 'registered_here') then flag_of(v)::varchar
  when field in ('address', 'registered_address') then key when field = 'licence_no' or field = 'operator_uscc' then upper(text_clean(v)) else text_clean(v) end;
create or replace macro visit_outcome(t) as case t when '属实' then 'confirmed' when '更正' then 'corrected' when '无法核实' then 'not_observable' when '拒绝' then 'declined' end;
create or replace macro visit_close(t) as case t when '完成' then 'done' when '无人' then 'nobody_home' when '拒访' then 'declined' when '未找到' then 'not_found'
  when '已不存在' then 'no_longer_exists' when '不存在' then 'no_longer_exists' when '查无此房' then 'no_longer_exists' end;
-- The finding a judgement or an amendment names: a bare counter of the row's own visit, `走访编号#counter` of the same object and field, or a whole id.
create or replace macro visit_base(seen, visit, entity, field) as case when contains(seen, ':') then regexp_replace(seen, '#[0-9]+$', '')
  else coalesce(nullif(regexp_extract(seen, '^([^#]+)#', 1), ''), visit) || ':' || entity || ':' || field end;
create or replace macro visit_counter(seen) as coalesce(try_cast(regexp_extract(seen, '([0-9]{1,3})$', 1) as smallint), 0);
-- Why a visit was planned; never words about who lives there.
-- Few words are looked through in less time than a cast that misses takes, and a visit's other rows all miss.
create or replace macro visit_reason(t) as case when list_contains(enum_range(null::visit_reason_word)::varchar[], t) then t end;
-- The findings shown to an officer: `走访编号#counter` of the same object and field, or whole ids, joined by `;`.
create or replace macro visit_seen(seen, entity, field) as case when seen is null then [] when contains(seen, ':') then string_split(seen, ';')
  else string_split(regexp_replace(seen, '([^;#]+)#', '\1:' || entity || ':' || field || '#', 'g'), ';') end;
