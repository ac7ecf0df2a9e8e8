"""Fuzzes all targets (or those named) within a time, and tells what came of it.

Inputs that led somewhere new are kept in build/fuzz/corpus, so a later run goes on where this one ended. An input that
breaks a target is kept in build/fuzz/broken; once mended, put it into tests/fuzz/found/TARGET, where the tests replay
it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "fuzz"
START = 4.0  # seconds an instrumented process takes before it begins
SLOW = 10  # seconds for one input that count as a hang
MEBIBYTES = 1024


@dataclass(frozen=True)
class Outcome:
    """What a target's run came to; ``edges`` is how much of the code was reached."""

    target: Target
    executions: int
    edges: int
    inputs: int
    broken: tuple[Path, ...]
    said: str


def main() -> int:
    """0 when nothing broke."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all without")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all targets together (60)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once (the cores)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one input through the one target named")
    given = parser.parse_args()
    unknown = set(given.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no target {', '.join(sorted(unknown))}")
    chosen = [TARGETS[name] for name in given.targets or TARGETS]
    if given.replay is not None:
        for one in chosen:
            one.run(given.replay.read_bytes())
        return 0
    seconds = max(1, int(given.seconds * given.jobs / len(chosen) - START))
    print(f"{len(chosen)} targets, {seconds} s each, {given.jobs} at once")
    with ThreadPoolExecutor(given.jobs) as pool:
        outcomes = list(pool.map(lambda one: fuzz(one, seconds), chosen))
    print(f"{'target':20} {'executions':>12} {'edges':>7} {'inputs':>7}")
    for one in outcomes:
        print(f"{one.target.name:20} {one.executions:12,} {one.edges:7,} {one.inputs:7,}")
    print(f"{'together':20} {sum(one.executions for one in outcomes):12,}")
    for one in outcomes:
        for path in one.broken:
            print(
                f"\n{one.target.name} breaks: tests/fuzz/run {one.target.name} --replay {path.relative_to(ROOT)}"
                f"\n{one.said}"
            )
    return 1 if any(one.broken for one in outcomes) else 0


def fuzz(target: Target, seconds: int) -> Outcome:
    """Run one target in a process of its own."""
    corpus, broken = WORK / "corpus" / target.name, WORK / "broken" / target.name
    for folder in (corpus, broken):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    words = WORK / f"{target.name}.words"
    words.write_text("".join(f"{_quoted(word)}\n" for word in target.words), encoding="ascii")
    before = set(broken.iterdir())
    command = [sys.executable, "-m", "tests.fuzz.one", target.name, f"-max_total_time={seconds}"]
    command += [f"-dict={words}"] if target.words else []
    command += [f"-artifact_prefix={broken}/", f"-timeout={SLOW}", f"-rss_limit_mb={MEBIBYTES}"]
    command += [f"-max_len={target.longest}", "-print_final_stats=1", str(corpus)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    found = tuple(sorted(set(broken.iterdir()) - before))
    if done.returncode and not found:
        raise RuntimeError(f"{target.name} does not run:\n{done.stderr[-3000:]}")
    return Outcome(
        target,
        _last(r"number_of_executed_units: (\d+)", done.stderr) or _last(r"#(\d+)\s", done.stderr),
        _last(r"cov: (\d+)", done.stderr),
        len(list(corpus.iterdir())),
        found,
        _trace(done.stdout + done.stderr),
    )


def _quoted(word: str) -> str:
    """A word as libFuzzer's dictionaries write it; ``\\xNN`` in it is a byte."""
    shown = "".join(
        chr(one) if 32 <= one < 127 and one not in (34, 92) else f"\\x{one:02X}"
        for one in re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), word.encode())
    )
    return f'"{shown}"'


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def _trace(said: str) -> str:
    at = said.find("=== Uncaught Python exception")
    return said[at : at + 3000] if at >= 0 else said[-1500:]


if __name__ == "__main__":
    raise SystemExit(main())
