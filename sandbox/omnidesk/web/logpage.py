"""What the simulation lets one watch: webhooks with their outcomes, API calls; and an outage by a button."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..webhooks import Hook
from .visit import Moved, Shown, Visit

_ROWS = 50


def log(visit: Visit) -> Shown:
    """The newest first; addresses without what follows the question mark, which is a secret."""
    model = visit.model
    hooks = [(hook, _where(hook.url), _about(hook)) for hook in reversed(model.webhooks.log[-_ROWS:])]
    calls = [call for call in model.calls[-4 * _ROWS :] if call.path.startswith("/api/")]
    return Shown("log.html", {"hooks": hooks, "calls": calls[: -_ROWS - 1 : -1], "down": model.faults.unreachable})


def outage(visit: Visit) -> Moved:
    """The API breaks off every connection, or works again."""
    visit.model.faults.unreachable = visit.typed("down") == "on"
    return Moved(visit.at("log", done="saved"))


def _where(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" + ("?…" if parts.query else "")


def _about(hook: Hook) -> tuple[str, int]:
    """The name of the text that tells what it is about, and the id in it."""
    if hook.message_id:
        return "hook_note" if hook.note else "hook_message", hook.message_id
    return ("hook_case", hook.case_id) if hook.case_id else ("hook_test", 0)
