"""Changes the code of the named subjects (all without) in every way that mutmut knows, and tests each change.

A mutant that no test notices is listed, unless tests/mutation/explained.txt says why none can. Works on a copy of the
checkout below build/mutants; the log of each run is there as well.
"""

from __future__ import annotations

import argparse
import configparser
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from sandbox.mariadb import MariaDB
from tests.mutation.subjects import SUBJECTS, Subject

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutants"
EXPLAINED = Path(__file__).parent / "explained.txt"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".mariadb", "build", "dist", "__pycache__", ".hypothesis", ".*_cache"
)
ROW = "{:14} {:>8} {:>7} {:>9} {:>10} {:>9} {:>8}"

Mutant = tuple[str, tuple[str, ...]]  # its function, and the changed lines


def main() -> int:
    """0 when every surviving mutant is explained."""
    parser = argparse.ArgumentParser(prog="make mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; all without")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="test every N-th mutant only")
    parser.add_argument("--left", action="store_true", help="test those only that the last run did not kill")
    parser.add_argument("--again", action="store_true", help="tell of the last run instead of running")
    given = parser.parse_args()
    unknown = set(given.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no subject {', '.join(sorted(unknown))}")
    chosen = [SUBJECTS[name] for name in given.subjects or SUBJECTS]
    if not given.again:
        for subject in chosen:
            run(subject, given.every, left=given.left)
    return tell(chosen)


def run(subject: Subject, every: int, *, left: bool) -> None:
    """One subject, in a fresh copy."""
    copy = WORK / subject.name
    outcome = copy / "outcome.json"
    earlier = outcome.read_text(encoding="utf-8") if left and outcome.exists() else "[]"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
    shutil.copytree(copy / "lib", copy / "src")  # mutmut names modules right below a folder of this name
    (copy / "earlier.json").write_text(earlier, encoding="utf-8")
    configure(copy, subject)
    print(f"{subject.name}: running, log in {(copy / 'log').relative_to(ROOT)}", flush=True)
    environment = {**os.environ, "PYTHONPATH": "src:."}
    server = MariaDB(WORK / "mariadb") if subject.database else None
    with server or contextlib.nullcontext(), (copy / "log").open("wb") as log:
        if server:
            environment["SANDBOX_MARIADB_SOCKET"] = server.socket
        command = [sys.executable, "-m", "tests.mutation.one", subject.name, str(every)]
        ended = subprocess.run(command, cwd=copy, env=environment, stdout=log, stderr=log, check=False)
    if ended.returncode:
        raise SystemExit(f"{subject.name}: the run failed, see {copy / 'log'}")


def configure(copy: Path, subject: Subject) -> None:
    """Tell mutmut and pytest of the copy what to do."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(copy / "setup.cfg")
    settings["tool:pytest"]["pythonpath"] = "src ."
    others = [path.name for path in copy.iterdir() if path.name not in ("src", "log", "mutants")]
    arguments = ["-p", "no:cacheprovider", "-p", "tests.mutation.plugin", "--hypothesis-seed=0"]
    settings["mutmut"] = {
        "source_paths": "src",
        "only_mutate": f"src/{subject.path}",
        "also_copy": "\n".join(sorted(others)),
        "pytest_add_cli_args": "\n".join(arguments),
        "pytest_add_cli_args_test_selection": "\n".join(subject.tests),
        "timeout_multiplier": "10",
        "timeout_constant": "2",
        "use_git_change_detection": "false",
    }
    with (copy / "setup.cfg").open("w", encoding="utf-8") as file:
        settings.write(file)


def tell(subjects: list[Subject]) -> int:
    """The figures of each subject, then what is neither killed nor explained."""
    reasons, unexplained = explanations(), list[Mutant]()
    print(ROW.format("subject", "mutants", "killed", "text only", "explained", "survived", "not run"))
    for subject in subjects:
        found = json.loads((WORK / subject.name / "outcome.json").read_text(encoding="utf-8"))
        count: Counter[str] = Counter()
        for one in found:
            mutant = (one["function"], tuple(one["change"]))
            outcome = "killed" if one["outcome"] in ("killed", "timeout", "segfault") else one["outcome"]
            if outcome not in ("killed", "text only", "not run"):
                outcome = "explained" if mutant in reasons else "survived"
            count[outcome] += 1
            unexplained += [mutant] if outcome == "survived" else []
        names = ("killed", "text only", "explained", "survived", "not run")
        print(ROW.format(subject.name, len(found), *(count[name] for name in names)))
    for function, changed in unexplained:
        print("", function, *changed, sep="\n")
    return 1 if unexplained else 0


def explanations() -> dict[Mutant, str]:
    """Blocks of lines: the function, the changed lines, and after a # why no test can notice or need not."""
    found = {}
    for block in EXPLAINED.read_text(encoding="utf-8").split("\n\n"):
        lines = [line.strip() for line in block.strip().split("\n")]
        changed = tuple(line for line in lines[1:] if line[:1] in ("+", "-"))
        if changed:
            found[lines[0], changed] = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
