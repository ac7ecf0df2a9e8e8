"""An explanation of a mutant is about code that is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutation.__main__ import ROOT, Mutant, explanations
from tests.mutation.subjects import ALL, SUBJECTS


def squeezed(text: str) -> str:
    """Without blanks: mutants are printed unparsed, on one line."""
    return "".join(text.split())


@pytest.mark.parametrize("mutant", explanations(), ids=lambda one: one[0])
def test_what_is_explained_is_in_the_code(mutant: Mutant) -> None:
    function, changed = mutant
    subject, *way = function.split(".")
    source = (ROOT / "lib" / SUBJECTS[subject].path).read_text(encoding="utf-8")
    names = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert set(way) <= names
    for line in changed:
        if line.startswith("- "):
            assert squeezed(line[2:]) in squeezed(source), line


def test_the_tests_of_each_subject_exist() -> None:
    named = {path for subject in ALL for path in subject.tests}
    assert named and {path for path in named if not Path(ROOT, path).exists()} == set()
