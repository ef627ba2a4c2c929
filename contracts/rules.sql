-- The vocabulary of rules: DuckDB macros that every contract may use. Landing cleans cells (NFKC, trimmed, blank to null) before any macro sees them,
-- so macros take clean text; `text_clean` is for text from elsewhere. All are pure but `identity_check`, whose default day is today: only landing calls it.
-- A macro gives null for what it cannot read. `list_transform([x], lambda v: ...)[1]` names a value so that it is computed once.
-- Needs the table divisions(code, name, level, parent) of `contracts.engine.prepare`.

---------------------------------------------------------------- text
create or replace macro text_clean(t) as case when regexp_full_match(t, '[!-~\x{4E00}-\x{9FFF}·]+') then t else nullif(trim(regexp_replace(translate(nfc_normalize(t),
  '　！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～',
  ' !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~'),
  '[\x{200B}\x{200C}\x{200D}\x{FEFF}\r\n\t]', '', 'g')), '') end;   -- the first branch: text of ordinary characters is clean already, in a fortieth of the time
create or replace macro is_none(t) as coalesce(t in ('无', '没有', '無'), false);                 -- "none", which is a value; blank is unknown
create or replace macro has_wide(t) as coalesce(regexp_matches(t, '[！-～　]'), false);

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
create or replace macro identity_verdict(s, today) as case
  when s is null or s = '' then 'missing'
  when regexp_full_match(s, '[A-Z]{1,3}[0-9]{6,10}') then 'valid'
  when regexp_full_match(s, '[0-9]{15}') then case when identity_birth(identity_expanded(s)) is null then 'impossible_date' when not identity_province(s) then 'unknown_division' else 'legacy15' end
  when not regexp_full_match(s, '[0-9]{17}[0-9X]') or identity_check_char(left(s, 17)) <> right(s, 1) then 'wrong_check'
  when identity_birth(s) is null or identity_birth(s) > today or identity_birth(s) < date '1850-01-01' then 'impossible_date'
  when not identity_province(s) then 'unknown_division' else 'valid' end;
-- valid, legacy15, wrong_check, impossible_date, unknown_division, missing.
create or replace macro identity_check(t, today := current_date) as list_transform([identity_text(t)], lambda s: identity_verdict(s, today))[1];
create or replace macro sex_of(t) as case when t in ('1', '男', '01', 'M') then '1' when t in ('2', '女', '02', 'F') then '2' when t in ('0', '未知', '00') then '0' when t in ('9', '未说明', '09') then '9' end;

---------------------------------------------------------------- telephone numbers
create or replace macro phone_number(t) as nullif(regexp_replace(regexp_replace(text_clean(t), '[^0-9]', '', 'g'), '^(?:0086|86)(1[3-9][0-9]{9})$', '\1'), '');
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
create or replace macro date_of(t) as case when is_serial(t) then date '1899-12-30' + left(t, 5)::integer
  else list_transform([try_cast(date_form(t) as date)], lambda d: case when d between date '1850-01-01' and date '2199-12-31' then d end)[1] end;
create or replace macro clock_of(t) as case when not contains(t, '时') and not contains(t, ':') then null
  else list_transform([regexp_extract(t, '([0-9]{1,2})[:时]([0-9]{1,2})(?:[:分]([0-9]{1,2})(\.[0-9]{1,6})?)?', ['h', 'm', 's', 'f'])],
    lambda c: lpad(c.h, 2, '0') || ':' || lpad(c.m, 2, '0') || ':' || lpad(c.s, 2, '0') || c.f)[1] end;
-- Minutes ahead of UTC that the text names; Beijing's 480 where it names none.
create or replace macro zone_of(t) as case when regexp_matches(t, ':[0-9.]+ ?Z$') then 0 when regexp_matches(t, ':[0-9.]+ ?[+-][0-9]{2}:?[0-9]{2}$')
  then case when right(regexp_replace(t, ':', '', 'g'), 5)[1] = '-' then -1 else 1 end * (left(right(regexp_replace(t, ':', '', 'g'), 4), 2)::integer * 60 + right(t, 2)::integer) else 480 end;
-- As date_of, with the time where there is one (10:20, 10:20:30.5, 10时20分, 14 digits, the fraction of an Excel serial); Z and other zones are converted, +08:00 is dropped.
create or replace macro timestamp_of(t) as case
  when regexp_full_match(t, '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)?') then case when date_of(t) is not null then try_cast(t as timestamp) end
  when regexp_full_match(t, '[0-9]{14}') then try_cast(date_form(left(t, 8)) || ' ' || substr(t, 9, 2) || ':' || substr(t, 11, 2) || ':' || right(t, 2) as timestamp)
  when is_serial(t) then timestamp '1899-12-30' + to_milliseconds(round(t::double * 86400)::bigint * 1000)
  else try_cast(date_of(t)::varchar || ' ' || coalesce(clock_of(t), '00:00:00') as timestamp) - to_minutes(zone_of(t) - 480) end;
