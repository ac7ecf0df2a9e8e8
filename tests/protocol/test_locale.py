"""The executable in a locale whose encoding is not UTF-8, as old servers still have."""

from __future__ import annotations

import subprocess
import sys

from sandbox.world import World, _environment
from tests.protocol.calls import Story, answered

TEXT = "Готово, ёлки 🙂 «№ 5»"
# Python's own default for the locale C is UTF-8; without it this stands for KOI8-R, CP1251, ISO-8859-1…
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_the_panel_is_called_in_utf8(world: World, story: Story) -> None:
    """What an agent wrote reaches the client letter by letter, whatever started the worker."""
    world.omnidesk.agent_reply(story.case, world.anna_staff, text=TEXT)
    program = str(world.root / "processing" / "pmomnidesk")
    done = subprocess.run(
        [sys.executable, program, "--command", "sync_ticket", "--id", str(story.ticket)],
        capture_output=True,
        env={**_environment(), **ASCII},
        check=False,
    )
    assert answered(done).code == 0
    assert world.panel.messages(story.ticket)[-1].text == TEXT
