"""Whatever is done to a contract, checking tells problems and loading refuses; neither falls over."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import InvalidContract, load
from contracts.check import check

SAMPLE = (Path(__file__).parent / "samples" / "hostel_guest.yaml").read_text(encoding="utf-8").splitlines()
VALUES = ["", "null", "1", "[]", "{}", "[null]", "{a: 1}", "x y", "true", "'", "{", "- -", "2022-08-29", '"\\0"', "!!python/none x", "&a [*a]"]


@st.composite
def spoilt(draw):
    """The sample with up to three lines taken out, repeated, indented otherwise or given another value."""
    lines = list(SAMPLE)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        head, colon, _ = lines[place].partition(":")
        choice = draw(st.sampled_from(["drop", "double", "indent", "value"]))
        changed = {"drop": [], "double": [lines[place]] * 2, "indent": ["  " + lines[place]], "value": [f"{head}{colon} {draw(st.sampled_from(VALUES))}"]}
        lines[place : place + 1] = changed[choice]
    return "\n".join(lines) + "\n"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=spoilt())
def test_spoilt_contracts_are_told_never_fatal(tmp_path, text):
    """Checking gives problems with lines inside the file; a contract without problems loads; one that does not load raises `InvalidContract`."""
    file = tmp_path / f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.yaml"
    file.write_text(text, encoding="utf-8")
    found = check([file])
    assert all(1 <= problem.line <= text.count("\n") + 1 and problem.fact.en and problem.hint.zh for problem in found)
    try:
        load(extra=(file,))
    except InvalidContract:
        assert found


@pytest.mark.parametrize(
    "text", ["", "\n", "null\n", "[]\n", "x\n", "1\n", "id: [1]\n", "schema: x\n", "schema: [x]\n", "customProperties: [x]\n", "? [a]\n: b\n"]
)
def test_what_is_hardly_a_document_is_told(tmp_path, text):
    """Empty files, scalars and lists where an object belongs are problems, not accidents."""
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    assert check([tmp_path / "odd.yaml"])
    with pytest.raises(InvalidContract):
        load(extra=(tmp_path / "odd.yaml",))
