"""Step 4: the findings in force - amended, verified, superseded - one row per entity with the speaking finding of each unit.

The rows of `voices` carry one finding about one entity and attribute; rosters add theirs (see `rosters`).
"""

from __future__ import annotations

from contracts.golden.facts import counting_sql
from contracts.golden.plan import VALUE_OUTCOMES, Plan, Step, joined, name, sql_type, text
from contracts.model import Attribute, Unit

VOICE = "n, attribute, finding, observed_at, content, value"


def verdict_steps(plan: Plan) -> list[Step]:
    """`judgements` (counting verifications) and `asserted` (counting findings of the touched entities, all versions)."""
    asserted = counting_sql(plan.relations.finding, f"kind = {text(plan.kind.name)}", "finding", plan.voided)
    return [
        ("judgements", counting_sql(plan.relations.verification, "true", "version", plan.voided)),
        ("asserted", f"select keyed.n, findings.* from ({asserted}) findings join keyed using (entity)"),
    ]


def refuted_sql(made: str, version: str, of: str, entity: str, attribute: str) -> str:
    """Versions whose newest verification by another actor, naming the same thing, disagrees; at one moment disagree wins. `of` is the kind verified."""
    return f"""select judged.{version} from (select * from judgements where kind = {text(of)}) judgements
    join (select distinct {version}, actor, {entity} as entity, {attribute} as attribute from {made}) judged
    on judgements.version = judged.{version} and judgements.entity = judged.entity and judgements.attribute = judged.attribute
    and judgements.actor is distinct from judged.actor
  group by judged.{version} having max(judgements.observed_at) filter (where not agree) = max(judgements.observed_at)"""


def voice_steps(plan: Plan) -> list[Step]:
    """`voices`: findings with a value, neither refuted nor amended; `shown(n, attribute, later, earlier)`: what their authors saw, transitively."""
    rosters = " union all select * from roster_voices" if plan.listed or plan.counted else ""
    edges = " union select * from roster_edges" if plan.listed or plan.counted else ""
    return [
        ("refuted", refuted_sql("asserted", "finding", plan.kind.name, "entity", "attribute")),
        (
            "amended",
            "select * from asserted anti join refuted using (finding) qualify rank() over (partition by n, base order by counter desc) = 1",
        ),
        (
            "voices",
            f"select {VOICE} from amended where outcome in {VALUE_OUTCOMES} and ({_valued(plan)}){rosters}",
        ),
        (
            "edges",
            f"""select distinct n, attribute, finding as later, unnest(seen) as earlier from asserted where outcome in {VALUE_OUTCOMES}{edges}""",
        ),
    ]


def shown_step() -> Step:
    """The transitive closure of `edges`; a recursive step."""
    return (
        "shown",
        """select * from edges
  union select shown.n, shown.attribute, shown.later, edges.earlier from shown
    join edges on edges.n = shown.n and edges.attribute = shown.attribute and edges.later = shown.earlier""",
    )


def force_steps(plan: Plan) -> list[Step]:
    """`holding`: unsuperseded voices with the value that speaks (`said`); `found`: one row per entity, the speaking finding of each unit."""
    presence = "(attribute = 'present' and value = 'true') desc, " if plan.links else ""
    order = f"partition by n, attribute order by observed_at desc, {presence}content desc, finding"
    return [
        (
            "holding",
            f"""select *, row_number() over ({order}) = 1 as speaks, first_value(value) over ({order}) as said from voices anti join (
    select shown.n, shown.attribute, earlier as finding from shown join voices on voices.n = shown.n and voices.attribute = shown.attribute
      and voices.finding = shown.later where shown.later <> earlier
  ) superseded using (n, attribute, finding)""",
        ),
        ("found", "select n" + "".join(f",\n    {column}" for unit in plan.visited for column in _unit_columns(plan, unit)) + "\n  from holding group by n"),
    ]


def _unit_columns(plan: Plan, unit: Unit) -> list[str]:
    mine = f"attribute = {text(unit.name)}"
    speaking = f"filter (where speaks and {mine})"
    limit = f"(max(observed_at) {speaking} + interval {plan.freshness_days(unit)} day)::timestamp_ms"
    return [
        f"max(finding) {speaking} as {name('f', unit.name)}",
        f"max(observed_at) {speaking} as {name('ft', unit.name)}",
        f"{limit} as {name('fl', unit.name)}",
        f"bool_or({_differs(unit)}) filter (where {mine}) as {name('fs', unit.name)}",
        *(f"max({member_sql(unit, member, 'value')}) {speaking} as {name('fv', member.name)}" for member in unit.members),
    ]


def member_sql(unit: Unit, member: Attribute, value: str) -> str:
    """One member of a finding's value in its own type; null where the text is none. A group's value is a JSON object of members."""
    if len(unit.members) > 1 or unit.name != member.name:
        value = f"(try_cast({value} as json) ->> {text(member.name)})"
    return f"try_cast({value} as {sql_type(member)})"


def _differs(unit: Unit) -> str:
    pairs = [(member_sql(unit, member, "value"), member_sql(unit, member, "said")) for member in unit.members]
    if unit.compare == "address":
        value, said = pairs[0]
        return f"{value} <> {said} and not address_silent({value}, {said}) and not address_silent({said}, {value})"
    return joined([f"{value} is distinct from {said}" for value, said in pairs], "or", "false")


def _valued(plan: Plan) -> str:
    said = [
        f"attribute = {text(unit.name)} and " + joined([f"{member_sql(unit, member, 'value')} is not null" for member in unit.members], "or", "false")
        for unit in plan.visited
    ]
    return joined(said, "or", "false")
