"""What is mutated, and which tests have to notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """``functions``: patterns of names within the module. ``database``: the tests need a MariaDB."""

    module: str
    tests: tuple[str, ...]
    functions: tuple[str, ...] = ("*",)
    database: bool = False

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2]

    @property
    def path(self) -> str:
        return f"{self.module.replace('.', '/')}.py"


# Without the stories of test_plan_model.py: a mutant that only they notice is to have a test that says what is wrong.
_PLANNING = (
    "tests/sync/test_plan_actions.py",
    "tests/sync/test_plan_statuses.py",
    "tests/sync/test_status_merge.py",
)

ALL = (
    Subject("omnidesk.sync.plan", _PLANNING),
    Subject("omnidesk.sync.status_merge", _PLANNING),
    Subject(
        "omnidesk.helpdesk.rate_limit",
        ("tests/helpdesk/test_rate_gate.py", "tests/helpdesk/test_rate_gate_lanes.py"),
    ),
    # The tests of the hooks call the webhook as a process, which runs the unchanged code: these call it here.
    Subject(
        "omnidesk.hooks.webhook",
        ("tests/hooks/test_webhook_secret.py",),
        ("authenticate", "_secrets", "_refused_before", "handle", "main"),
    ),
    Subject(
        "omnidesk.sync.mass_change",
        ("tests/sync/test_engine_guard.py", "tests/sync/test_engine_reads.py"),
        database=True,
    ),
    Subject(
        "omnidesk.worker.poll",
        (
            "tests/sync/test_engine_lost_cases.py",
            "tests/sync/test_engine_reads.py",
            "tests/scars/test_scar_lost_webhooks.py",
        ),
        database=True,
    ),
    Subject(
        "omnidesk.worker.scan",
        (
            "tests/sync/test_engine_begin.py",
            "tests/sync/test_engine_notes.py",
            "tests/sync/test_engine_ratings.py",
            "tests/sync/test_engine_reads.py",
            "tests/sync/test_engine_statuses.py",
            "tests/scars/test_scar_lost_webhooks.py",
        ),
        database=True,
    ),
    Subject("omnidesk.sync.recovery", ("tests/sync/test_recovery.py",)),
)
SUBJECTS = {one.name: one for one in ALL}
