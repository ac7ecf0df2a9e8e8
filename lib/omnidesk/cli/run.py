"""Carrying out one command, for the panel and for a person alike."""

from __future__ import annotations

import locale
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from omnidesk.core import logs
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure, system_words
from omnidesk.core.paths import Paths
from omnidesk.wording.answer import Answer
from omnidesk.wording.arguments import Arguments

if TYPE_CHECKING:
    from omnidesk.context import Context

log = logging.getLogger("pmomnidesk")
# The commands, and whether each needs a number.
COMMANDS: dict[str, bool] = {
    "features": False,
    "check_connection": False,
    "create_case": True,
    "update_status": True,
    "add_message": True,
    "sync_user": True,
    "set_rating": True,
    "sync_ticket": True,
    "sync": False,
    "worker": False,
    "import": False,
    "adopt": False,
    "test_alert": False,
    "status": False,
    "metrics": False,
    "show": True,
    "log": True,
    "retry": False,
    "probe": False,
    "drop_tables": False,
}


def run(
    name: str,
    given: Arguments,
    paths: Paths,
    dependencies: Dependencies,
    tell: Callable[[str], None] = lambda text: None,
) -> Answer:
    """Carry out a command. Raises :class:`Failure` only; an unexpected error becomes ``internal``, with a log entry."""
    if name not in COMMANDS:
        raise Failure("unknown_command", value=name[:40])
    if name == "features":
        return _features(given.language)
    if COMMANDS[name] and not given.id:
        raise Failure("missing_id", name)
    handler = logs.start(paths)
    try:
        return _run(name, given, paths, dependencies, handler, tell)
    except Failure as failure:
        log.log(logging.WARNING if failure.type == "unknown_command" else logging.ERROR, "%s: %s", name, failure)
        raise
    except OSError as error:
        log.exception("%s", name)
        raise Failure("disk", str(error.filename or paths.var), system_words(error)) from error
    except Exception as error:
        log.exception("%s", name)
        raise Failure("internal", name, f"{type(error).__name__}") from error


def _run(
    name: str,
    given: Arguments,
    paths: Paths,
    dependencies: Dependencies,
    handler: logs.PanelHandler,
    tell: Callable[[str], None],
) -> Answer:
    if name == "status" and (given.prometheus or given.output):
        name = "metrics"
    if name == "log":
        from omnidesk.cli import ticket_log

        return ticket_log.log(paths, given)
    if name == "probe" and given.trial:
        from omnidesk.probe.trial import run as trial

        return trial.trial(paths, dependencies, given, handler.secrets)
    if name == "probe":
        from omnidesk.probe import run as probe

        return probe.probe(paths, dependencies, given, handler.secrets)

    def make() -> Context:
        from omnidesk.context import Context
        from omnidesk.core import settings

        chosen = settings.load(paths.settings)
        handler.secrets.update(chosen.secrets)
        only_reads = name == "show" or (name == "sync_ticket" and given.dry_run)
        context = Context(paths, chosen, dependencies, read_only=only_reads)
        if not only_reads and name not in ("check_connection", "drop_tables"):
            context.prepare()
        return context

    if name in ("sync", "worker"):
        from omnidesk.cli import sync

        return sync.sync(paths, make, given, stay=name == "worker", tell=tell, dependencies=dependencies)
    command = _command(name)
    context = make()
    try:
        return command(context, given)
    finally:
        context.close()


def _command(name: str) -> Callable[[Context, Arguments], Answer]:
    """The function that carries a command out; those with a module of their own are found there."""
    from importlib import import_module

    places = {
        "status": ("omnidesk.cli.status", name),
        "metrics": ("omnidesk.cli.metrics", name),
        "show": ("omnidesk.cli.show", name),
        "import": ("omnidesk.migration.import_command", "run"),
        "adopt": ("omnidesk.migration.adopt_command", "run"),
    }
    place, function = places.get(name, ("omnidesk.cli.commands", name))
    found: Callable[[Context, Arguments], Answer] = getattr(import_module(place), function)
    return found


def _features(language: str) -> Answer:
    from omnidesk.wording.help_texts import HELPS

    answer = Answer([f"{name:18} {HELPS[name].short.of(language)}" for name in COMMANDS])
    for name in COMMANDS:
        answer.element("features/feature", name=name)
    return answer


def language_of_locale() -> str:
    """ru when the person's locale is Russian, else en."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "ru" if named.startswith("ru") or (locale.getlocale()[0] or "").startswith("ru") else "en"
