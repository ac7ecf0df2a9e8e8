"""One story, with or without deaths: played once, then repeated from where it was kept."""

from __future__ import annotations

from dataclasses import dataclass

from tests.chaos.ending import violations
from tests.chaos.people import People
from tests.chaos.runner import DIED
from tests.chaos.stage import Stage
from tests.chaos.stories import Story
from tests.judge.history import Disturbed


@dataclass(frozen=True)
class Outcome:
    """What became of one try. ``died`` names the points of death; ``actions`` are those of the runs that followed."""

    story: str
    points: tuple[int, ...]
    died: tuple[str, ...]
    actions: frozenset[str]
    violations: tuple[str, ...]

    def __str__(self) -> str:
        where = " then ".join(f"{at} ({what})" for at, what in zip(self.points, self.died, strict=False))
        told = "".join(f"\n    {one}" for one in self.violations)
        return f"{self.story}, death at {where or 'no point'}:{told}"


class Player:
    """Plays stories on one stage; the story played last is kept."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._story: Story | None = None
        self._act: object = None

    def prepare(self, story: Story) -> None:
        """Play the story up to the run that may die."""
        if self._story is story:
            return
        self._story = None
        stage = self.stage
        stage.begin()
        stage.world.write_settings(SettleSeconds=str(story.settle))
        if not story.fresh:
            stage.clean()
        self._act = story.play(People(stage))
        stage.panel.faults.clear()
        stage.desk.faults.clear()
        if story.hook or "--no-wait" in story.command:
            stage.runner.replace_executables()
        stage.keep()
        self._story = story

    def points(self, story: Story) -> list[str]:
        """The points of the story's run, when nothing happens to it."""
        self.prepare(story)
        self.stage.again()
        return self._doomed(story, 0)[0]

    def play(self, story: Story, *deaths: int) -> Outcome:
        """The story with deaths at these points of its run and of the runs that follow it; then the verdict."""
        self.prepare(story)
        stage = self.stage
        stage.again()
        trail: list[str] = []
        actions: list[str] = []
        found: list[str] = []
        began = len(stage.all_actions)
        if deaths:
            stage.script.history.acts.append(Disturbed(stage.clock.now, "a death"))
        try:
            for number, at in enumerate(deaths or (0,)):
                points, died = self._doomed(story, at) if not number else self._again(at)
                trail.append(points[-1] if died and points else "its end")
            stage.rest()
            found = violations(stage)
        except AssertionError as error:
            found.append(str(error))
        actions = stage.all_actions[began:]
        return Outcome(story.name, deaths, tuple(trail), frozenset(actions), tuple(found))

    def _doomed(self, story: Story, at: int) -> tuple[list[str], bool]:
        """The run of the story; (its points, whether it died)."""
        if story.hook:
            return self._run_hook(story.hook, at), bool(at)
        done = self.stage.run(self._command(story), at)
        return list(done.points), done.code == DIED

    def _again(self, at: int) -> tuple[list[str], bool]:
        """The run that follows a death dies as well."""
        due = self.stage.links_due()
        self.stage.tick(max(1.0, due - self.stage.clock.now + 0.1))
        done = self.stage.run(at=at)
        return list(done.points), done.code == DIED

    def _run_hook(self, hook: str, at: int) -> list[str]:
        """The story's last act, whose hooks may die; the points of the longest."""
        assert callable(self._act)
        self.stage.tick()
        with self.stage.hooks_start_workers(hook, at):
            self._act()
        return self.stage.events

    def _command(self, story: Story) -> tuple[str, ...]:
        script, world = self.stage.script, self.stage.world
        said = [one.id for one in script.history.said("B")]
        words = {
            "ticket": script.opened[-1].ticket if script.opened else 0,
            "message": said[-1] if said else 0,
            "user": world.ivan.user,
        }
        return tuple(word.format(**words) for word in story.command)


def telling(points: list[str]) -> list[int]:
    """The points (from 1) before which something outside has changed since the one before.

    Dying at any other point leaves behind exactly what dying at the point before it does: in between, only something
    was read.
    """
    found = []
    asked = ""
    for number, point in enumerate(points, 1):
        if point.startswith(("sql sent", "http sent", "started")):
            asked = point
        if not _only_reads(asked if point.startswith(("sql", "http", "started", "returned")) else point):
            found.append(number)
    return found


def _only_reads(point: str) -> bool:
    if point.startswith("sql sent"):
        return point.startswith(("sql sent SELECT", "sql sent SET ")) and "_LOCK(" not in point
    if point.startswith("http sent"):
        return " GET " in point
    return point.startswith("started") and point.endswith(("ticket.file", "paramlist", "whoami"))
