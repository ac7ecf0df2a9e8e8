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
    "tests/unit/test_plan_actions.py",
    "tests/unit/test_plan_statuses.py",
    "tests/unit/test_status_merge.py",
)

ALL = (
    Subject("omnidesk.plan", _PLANNING),
    Subject("omnidesk.status_merge", _PLANNING),
    Subject("omnidesk.helpdesk.rate", ("tests/unit/test_rate_gate.py",)),
    # The tests of the doorbells call the webhook as a process, which runs the unchanged code: these call it here.
    Subject(
        "omnidesk.webhook",
        ("tests/doorbells/test_webhook_secret.py",),
        ("authenticate", "_secrets", "_refused_before", "handle", "main"),
    ),
    Subject(
        "omnidesk.guard", ("tests/engine/test_engine_guard.py", "tests/engine/test_engine_reads.py"), database=True
    ),
    Subject(
        "omnidesk.poll",
        (
            "tests/engine/test_engine_lost_cases.py",
            "tests/engine/test_engine_reads.py",
            "tests/scars/test_scar_lost_webhooks.py",
        ),
        database=True,
    ),
    Subject(
        "omnidesk.scan",
        (
            "tests/engine/test_engine_begin.py",
            "tests/engine/test_engine_notes.py",
            "tests/engine/test_engine_ratings.py",
            "tests/engine/test_engine_reads.py",
            "tests/engine/test_engine_statuses.py",
            "tests/scars/test_scar_lost_webhooks.py",
        ),
        database=True,
    ),
    Subject("omnidesk.recover", ("tests/unit/test_recovery.py",)),
)
SUBJECTS = {one.name: one for one in ALL}
