"""From a sample of a department's file to the draft of a feed's contract, with what is sure and what a person must say; PURE.

Read in this order: `model` (the words, and where a confidence comes from), `headers` (which row is the header), `vocabulary` (what known contracts call things),
`shapes` (what the values of a column are), `meaning` (header and values together), `expressions` (SQL of known contracts under the draft's names), `mappings`
(what the rows become), `codes` (lists), `whole` (time, area, record, persons), `telling` (findings and questions), `drafted` (all of it), `written` (as YAML).
The sample's cells come in as Arrow; none of them goes out: findings hold headers, rules, shapes and counts.
"""

from contracts.drafting.drafted import drafted
from contracts.drafting.headers import header_place, is_header
from contracts.drafting.model import Draft, Finding, Question, Sample, Told
from contracts.drafting.vocabulary import Vocabulary
from contracts.drafting.written import written

__all__ = ["Draft", "Finding", "Question", "Sample", "Told", "Vocabulary", "drafted", "header_place", "is_header", "written"]
