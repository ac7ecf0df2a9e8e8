"""What follows when the settings form was saved. A failure here does not undo the save."""

from __future__ import annotations

import logging

from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Settings
from omnidesk.hooks import worker_start
from omnidesk.panel_ui import fields_known
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.fields_shared import free_fields
from omnidesk.panel_ui.settings_check import Tried, at_fields
from omnidesk.panel_ui.settings_fields import effective
from omnidesk.panel_ui.settings_file import Present
from omnidesk.panel_ui.settings_trial import forget_account, keep
from omnidesk.worker.scan import baseline

log = logging.getLogger("panel")
MESSAGES = "panel:settings_told"  # messages of the last save


def afterwards(
    desk: Desk, settings: Settings, before: Present, tried: Tried | None, address_shown: bool
) -> list[Phrase]:
    """Remember the account that was asked, record where the module begins, wake the worker; what there is to say."""
    messages = [one.said for one in at_fields(tried.warnings, address_shown)] if tried is not None else []
    account = effective("OmnideskUrl", before.get("OmnideskUrl"))
    try:
        context = desk.context(settings)
        context.prepare()
        if account and account != settings.url and (linked := desk.links.linked_tickets()):
            messages.append(Phrase("setting.other_account", tickets=linked, url=account))
        if tried is not None:
            keep(desk, tried.context)
        elif account != settings.url:
            forget_account(desk)
        context.gate.unblock()
        baseline(context)
        desk.state.put(MESSAGES, [one.data() for one in messages])
    except Failure as failure:
        log.warning("the settings are saved, the rest is left to the worker: %s", failure)
    try:
        worker_start.wake_worker(desk.paths)
    except OSError as error:
        log.warning("the worker cannot be started, the timer will start it: %s", error.strerror)
    return messages


def fields_to_link(desk: Desk) -> bool:
    """Whether the account has data fields that could be filled, none of which is yet."""
    known = fields_known.read(desk)
    return not known.links and bool(free_fields(known))
