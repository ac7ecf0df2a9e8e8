"""The guard against mass changes: a restored backup or a wrong database must not close everything."""

from __future__ import annotations

import logging

from omnidesk.context import Context

log = logging.getLogger("guard")
SHARE = 0.2


def unlikely(context: Context, count: int, what: str, *, allowed: bool) -> bool:
    """Whether ``count`` changes of this kind at once are too many to be believed; then they wait for the administrator.

    More than the setting MassChangeLimit and more than a fifth of all linked tickets is. What was held back is shown by
    ``status`` and let through by ``sync --allow-mass-change``.
    """
    key = f"held:{what}"
    if allowed or count <= context.settings.mass_change_limit or count <= SHARE * context.links.linked_tickets():
        context.state.remove(key)
        return False
    if context.state.get(key) != count:
        log.error("%s changes of %s at once are held back as unlikely. If they are meant: "
                  "pmomnidesk sync --allow-mass-change", count, what)  # fmt: skip
        context.state.put(key, count)
    return True
