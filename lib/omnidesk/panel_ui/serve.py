"""Answering one function of the module in the panel: a form opened or saved, a list, a button.

``addon/omnidesk`` becomes this program when the panel asks for a function of the module, with the session document
still unread on stdin. Whatever happens, a complete document goes to stdout: the panel shows anything else as a broken
plugin.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Callable

from omnidesk.core import logs
from omnidesk.core.dependencies import Dependencies
from omnidesk.core.errors import Failure, system_words
from omnidesk.core.paths import Paths
from omnidesk.panel_ui import access, names
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import MOST_BYTES, Document
from omnidesk.panel_ui.request import Request, from_environment

log = logging.getLogger("panel")
Function = Callable[[Desk, Request, Document], None]
# Where each function lives; imported when asked for, so that a list does not wait for what a form needs.
FUNCTIONS: dict[str, str] = {
    names.SETTINGS: "omnidesk.panel_ui.settings_form:serve",
    names.FIELDS: "omnidesk.panel_ui.fields_list:serve",
    names.FIELDS_LINK: "omnidesk.panel_ui.fields_link:serve",
    names.FIELDS_EDIT: "omnidesk.panel_ui.fields_form:serve",
    names.FIELDS_DELETE: "omnidesk.panel_ui.fields_list:delete",
    names.ROUTING: "omnidesk.panel_ui.routing_list:serve",
    names.ROUTING_EDIT: "omnidesk.panel_ui.routing_form:serve",
    names.ROUTING_DELETE: "omnidesk.panel_ui.routing_list:delete",
    names.ROUTING_UP: "omnidesk.panel_ui.routing_list:up",
    names.ROUTING_DOWN: "omnidesk.panel_ui.routing_list:down",
    names.QUEUE: "omnidesk.panel_ui.queue_list:serve",
    names.QUEUE_FILTER: "omnidesk.panel_ui.queue_list:choose",
    names.QUEUE_RETRY: "omnidesk.panel_ui.queue_list:retry",
    names.QUEUE_RETRY_ALL: "omnidesk.panel_ui.queue_list:retry_all",
    names.QUEUE_TICKET: "omnidesk.panel_ui.case_link:open_ticket",
    names.ALERTS: "omnidesk.panel_ui.alerts_form:serve",
    names.HEALTH: "omnidesk.panel_ui.health_page:serve",
    names.HEALTH_TICKET: "omnidesk.panel_ui.health_ticket:serve",
    names.CASE: "omnidesk.panel_ui.case_link:open_case",
}


def main(paths: Paths, dependencies: Dependencies) -> int:
    """Serve the function this process was started for. The exit code is 0 also for an error, which the panel shows."""
    document = Document.read(sys.stdin.buffer.read(MOST_BYTES + 1))
    base = document.attribute("host") + (document.attribute("binary") or "/billmgr")
    request = from_environment(os.environ, document.attribute("lang"), base)
    answer(paths, dependencies, request, document)
    sys.stdout.buffer.write(document.as_bytes())
    sys.stdout.buffer.flush()
    return 0


def answer(paths: Paths, dependencies: Dependencies, request: Request, document: Document) -> None:
    """Fill ``document`` with the answer to ``request``. Never raises."""
    document.forget(names.PRIVATE_FIELDS)
    handler = logs.start(paths)
    try:
        with Desk(paths, dependencies, handler) as desk:
            access.check(desk, request)
            _function(request.func)(desk, request, document)
    except Failure as failure:
        log.warning("%s: %s", request.func, failure)
        document.error(failure, request.language)
    except OSError as error:
        log.exception("%s", request.func)
        disk = Failure("disk", str(error.filename or paths.var), system_words(error))
        document.error(disk, request.language)
    except Exception as error:
        log.exception("%s", request.func)
        document.error(Failure("internal", request.func, type(error).__name__), request.language)


def _function(name: str) -> Function:
    if name not in FUNCTIONS:
        raise Failure("unknown_function", "func", name[:80])
    module, _, attribute = FUNCTIONS[name].partition(":")
    found: Function = getattr(importlib.import_module(module), attribute)
    return found
