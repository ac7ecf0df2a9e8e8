"""A file of 25 MB moves in blocks: the worker's memory does not grow with it, in either direction."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

from omnidesk.helpdesk.models import LARGEST_FILE
from sandbox.world import World

# Says what its child, and whoever that started, took at most, in KiB. It is small itself, as a process begins with what
# its parent had.
LAUNCHER = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"code": done.returncode, "peak": peak, "said": done.stderr.decode()[-2000:]}))
"""


def peak_of_a_run(world: World) -> int:
    """KiB at most of one run of the installed module."""
    command = [sys.executable, "-IS", "-c", LAUNCHER, str(world.root / "processing" / "pmomnidesk")]
    run = subprocess.run([*command, "--command", "sync"], capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    assert found["code"] == 0, found["said"]
    return int(found["peak"])


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_of_25_mb_takes_no_memory_in_either_direction(tmp_path: Path) -> None:
    content = random.Random(25).randbytes(LARGEST_FILE)
    with World(tmp_path, events=False, webhooks=False) as world:
        world.sync()  # the first run only notes where the module begins
        ticket = world.panel.client_creates_ticket(world.ivan.user, "Файлы", "без файла")
        world.sync()
        case = max(world.omnidesk.cases)
        world.panel.client_writes(world.ivan.user, ticket, "всё ещё без файла")
        world.omnidesk.agent_reply(case, world.anna_staff, text="тоже без файла")
        without = peak_of_a_run(world)

        world.panel.client_writes(world.ivan.user, ticket, "вот", [("большой.bin", content)])
        outgoing = peak_of_a_run(world)
        there = [file for message in world.omnidesk.messages(case) for file in message.files]
        assert [(file.name, digest(file.data)) for file in there] == [("большой.bin", digest(content))]

        world.omnidesk.agent_reply(
            case, world.vera_staff, text="и вот", attachments=[("обратно.bin", "application/octet-stream", content)]
        )
        incoming = peak_of_a_run(world)
        here = world.panel.messages(ticket)[-1].files
        assert [(file.name, digest(file.content)) for file in here] == [("обратно.bin", digest(content))]
    grown = {"out": outgoing - without, "in": incoming - without}
    assert all(more < 10 * 1024 for more in grown.values()), f"KiB beyond the {without} without files: {grown}"
