"""The executable with standard streams that are closed, full, or that nobody reads any more."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "processing" / "pmomnidesk"
FORMS = (("--command", "features"), ("features",))


def run(root: Path, redirections: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a run whose streams the shell has arranged."""
    command = f"exec {shlex.join([sys.executable, str(PROGRAM), *arguments])} {redirections}"
    env = {**os.environ, "MGR5_ROOT": str(root), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["sh", "-c", command], capture_output=True, env=env, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", FORMS)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_failure(tmp_path: Path, arguments: tuple[str, ...], closed: str) -> None:
    """A supervisor may start it without them: the command is carried out, and its exit code says how."""
    code, out, err = run(tmp_path, closed, *arguments)
    assert (code, err) == (0, "")
    assert bool(out) == (">&-" not in closed.replace("2>&-", ""))


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """Else what a library prints would be written into a connection or a log."""
    (tmp_path / "var").mkdir()
    code, out, err = run(tmp_path, "<&- >&- 2>&-", "status")
    assert (code, out, err) == (1, "", "")
    assert "omnidesk.conf" in (tmp_path / "var" / "pmomnidesk.log").read_text()


@pytest.mark.parametrize("arguments", FORMS)
def test_an_answer_that_cannot_be_written(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """One sentence and exit code 1, no traceback."""
    code, _, err = run(tmp_path, ">/dev/full", *arguments)
    assert code == 1
    assert err.startswith("The module cannot write stdout: No space left on device.")
    assert "Traceback" not in err and "Exception ignored" not in err


@pytest.mark.parametrize("arguments", FORMS)
def test_nobody_reads_the_answer(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Whoever read has read enough: nothing is said."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, str(PROGRAM), *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            env={**os.environ, "MGR5_ROOT": str(tmp_path)},
            check=False,
        )
    finally:
        os.close(writer)
    assert done.stderr == b""
