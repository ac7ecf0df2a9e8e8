"""Tests the mutants of one subject, in a copy of the checkout: ``python -m tests.mutation.one SUBJECT EVERY``.

With the outcome of an earlier run in ``earlier.json``, those that a test killed then are not run again. Writes
``outcome.json`` there: for each mutant its function, what was changed, and what came of it. Mutants that differ from
the code in a text for people only are not run.
"""

from __future__ import annotations

import fnmatch
import json
import re
import sys
from pathlib import Path

from mutmut import __main__ as mutmut
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from tests.mutation.subjects import SUBJECTS, Subject

TEXT_ONLY = "text only"
NOT_RUN = "not run"
KILLED = ("killed", "timeout", "segfault")
# A literal with a space in it, a phrase, or a reason that is handed on: nothing depends on its words.
_LITERAL = re.compile(r'[bf]?"(?:[^"\\]|\\.)*"')
_SQL = re.compile(r"\b(SELECT|FROM|JOIN|WHERE|AND|ORDER|LIMIT)\b", re.IGNORECASE)
_REASON = re.compile(r"\b(outcome\.|stray\.)?why\b|\bPhrase\((?:[^()]|\([^()]*\))*\)")
_TELLS = re.compile(r"(log\.(debug|info|warning|error|exception)\(|extinfo\(|why = )")


def main(name: str, every: int) -> None:
    """All of them, or every n-th."""
    subject = SUBJECTS[name]
    generate()
    data = SourceFileMutationData(path=Path("src") / subject.path)
    data.load()
    diffs = {key: get_diff_for_mutant(key, path=data.path) for key in data.exit_code_by_key if wanted(key, subject)}
    killed = killed_before()
    outcomes = {key: TEXT_ONLY if text_only(diff) else NOT_RUN for key, diff in diffs.items()}
    outcomes.update({key: KILLED[0] for key, diff in diffs.items() if killed.get(key) == change(diff)})
    chosen = [key for key, outcome in outcomes.items() if outcome == NOT_RUN][::every]
    if chosen:
        mutmut._run(chosen, 1)
        data.load()
    outcomes.update({key: status_by_exit_code[data.exit_code_by_key[key]] for key in chosen})
    found = [
        {"key": key, "function": function_of(key), "change": change(diff), "outcome": outcomes[key]}
        for key, diff in diffs.items()
    ]
    Path("outcome.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


def killed_before() -> dict[str, list[str]]:
    """What was killed in an earlier run: the changed lines of each."""
    path = Path("earlier.json")
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return {row["key"]: row["change"] for row in rows if row["outcome"] in KILLED}


def generate() -> None:
    """The copy with all mutants in it, as the first step of mutmut's own run does."""
    Path("mutants").mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.setup_source_paths()
    mutmut.create_mutants(1)


def function_of(key: str) -> str:
    """``plan._timed`` or ``rate.RateGate.enter``."""
    module, _, mangled = key.rpartition(".")
    name = mangled.rpartition("__mutmut_")[0]
    name = name.removeprefix("x_") if name.startswith("x_") else name.removeprefix("xǁ").replace("ǁ", ".")
    return f"{module.rpartition('.')[2]}.{name}"


def wanted(key: str, subject: Subject) -> bool:
    """Whether it is in one of the functions that the subject names."""
    name = function_of(key).partition(".")[2]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in subject.functions)


def change(diff: str) -> list[str]:
    """The changed lines, before and after, without their indentation."""
    lines = [line for line in diff.split("\n")[2:] if line[:1] in "+-"]
    return [f"{line[0]} {' '.join(line[1:].split())}" for line in lines if "__mutmut_" not in line]


def text_only(diff: str) -> bool:
    """Whether the mutant differs in a text for people only: a reason, or what a line of the log says."""
    lines = change(diff)
    before, after = ([line[2:] for line in lines if line[0] == sign] for sign in "-+")
    if len(before) != len(after):
        return False
    return all(
        one == other or without_texts(one) == without_texts(other) or (_TELLS.match(one) and _TELLS.match(other))
        for one, other in zip(before, after, strict=True)
    )


def without_texts(line: str) -> str:
    """The line with None in the place of each text, and statements in small letters."""
    return _LITERAL.sub(_without_text, _REASON.sub("None", line))


def _without_text(found: re.Match[str]) -> str:
    text = found[0]
    if "SELECT" in text or ("%s" in text.lower() and _SQL.search(text)):
        return text.lower()
    return "None" if " " in text and text[0] != "b" else text


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
