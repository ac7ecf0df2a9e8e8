"""The form «Параметры интеграции»: opened, asked for again by a field or a button, tried, saved.

Secrets go one way. What was typed is never given back, and what is stored is kept when nothing is typed; only a new
secret of the webhook is shown (:mod:`omnidesk.panel_ui.settings_secret`), because somebody has to paste it into
Omnidesk.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from omnidesk.core.settings import Settings
from omnidesk.panel_ui import names, settings_file, settings_secret, settings_typed
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.fields_link import SAVED
from omnidesk.panel_ui.marks import GOOD, WARNING, WRONG, Line
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.settings_check import (
    OLD,
    Tried,
    at_fields,
    form_problems,
    old_secrets,
    refusal,
    settings_of,
    try_out,
)
from omnidesk.panel_ui.settings_choices import chosen_departments, departments
from omnidesk.panel_ui.settings_fields import (
    CHECK,
    MAKE_SECRET,
    RELOAD,
    SECRETS,
    UNCHECKED,
    Problem,
    effective,
)
from omnidesk.panel_ui.settings_file import Present
from omnidesk.panel_ui.settings_notes import Notes, ordered
from omnidesk.panel_ui.settings_saved import afterwards, fields_to_link
from omnidesk.panel_ui.settings_shown import Shown

log = logging.getLogger("panel")


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Open, show again, try, or save."""
    for name in SECRETS:
        if len(request.value(name)) > 3:  # a shorter one would blot out half the log
            desk.handler.secrets.add(request.value(name))
    present = settings_file.read(desk.paths)
    for setting in ("OmnideskApiKey", "OmnideskSecret", OLD, "FieldsDBPassword"):
        if len(present.get(setting)) > 3:
            desk.handler.secrets.add(present.get(setting))
    notes = Notes(document, request.language)
    pressed = request.pressed((RELOAD, MAKE_SECRET, CHECK))
    if request.submitted and not pressed:
        _save(desk, request, document, present, notes)
        return
    if pressed == MAKE_SECRET:
        settings_secret.make(desk.paths)
    elif pressed == CHECK:
        _check(desk, request, present, notes)
    Shown(desk, request, document, present, notes).fill()


@dataclass
class Typed:
    """What the form sent: the settings' texts, the settings if they are well formed, and what stands in the way.

    ``old`` are secrets that the channel may still use.
    """

    wanted: dict[str, str]
    settings: Settings | None = None
    problems: list[Problem] = field(default_factory=list)
    old: list[str] = field(default_factory=list)
    address_shown: bool = False  # the webhook's, with its secret

    @classmethod
    def of(cls, desk: Desk, request: Request, present: Present) -> Typed:
        shown = chosen_departments(effective("Departments", present.get("Departments")), departments(desk))
        new_secret = settings_secret.read(desk.paths, present.get("OmnideskSecret"))
        typed = cls(settings_typed.wanted(request, present, shown, new_secret))
        typed.address_shown = bool(new_secret) and typed.wanted["OmnideskSecret"] == new_secret
        typed.problems = form_problems(request, present, typed.wanted)
        if typed.problems:
            return typed
        typed.old = old_secrets(present, typed.wanted["OmnideskSecret"])
        typed.wanted[OLD] = typed.old[0] if typed.old else ""
        found = settings_of(present, typed.wanted)
        if isinstance(found, Problem):
            typed.problems = [found]
        else:
            typed.settings = desk.keep_quiet(found)
        return typed


def _check(desk: Desk, request: Request, present: Present, notes: Notes) -> None:
    """Whether what stands in the form would work; nothing is saved."""
    typed = Typed.of(desk, request, present)
    found, tried = typed.problems, None
    if typed.settings is not None:
        tried = try_out(desk, typed.settings, typed.old)
        found = at_fields(tried.errors, typed.address_shown)
    notes.problems(ordered(found))
    words = notes.document.words
    if found:
        notes.listed(words("check_failed"), ordered(found))
        notes.say(notes.result, WRONG, f"{words('check_failed')} {notes.fields_at_fault()}".strip())
    else:
        notes.say(notes.result, GOOD, words("check_fine"))
        notes.head.extend(notes.result)
    if tried is None:
        return
    for warning in at_fields(tried.warnings, typed.address_shown):
        notes.say(notes.result, WARNING, warning.said)
        if warning.field:
            notes.at(warning.field, WARNING, warning.said.full(request.language))
    for one in tried.findings:
        if one.level == "ok":
            notes.say(notes.result, GOOD, one.said)


def _save(desk: Desk, request: Request, document: Document, present: Present, notes: Notes) -> None:
    typed = Typed.of(desk, request, present)
    tried = None if typed.settings is None else _tried(desk, request, typed)
    if typed.problems or typed.settings is None:
        _refuse(desk, request, document, present, notes, ordered(typed.problems))
        return
    with settings_file.alone(desk.paths):
        settings_file.save(desk.paths, typed.wanted)
    if not typed.address_shown:
        settings_secret.forget(desk.paths)
    log.info("the settings were saved in the panel")
    messages = afterwards(desk, typed.settings, present, tried, typed.address_shown)
    if messages:
        document.ok("form", f"func={names.SETTINGS}")  # where they are shown
    elif not present.get("OmnideskApiKey") and fields_to_link(desk):
        document.ok("form", f"func={names.FIELDS_LINK}&{SAVED}=on")  # the next step of a set-up
    else:
        document.ok()


def _tried(desk: Desk, request: Request, typed: Typed) -> Tried | None:
    """What the account and the panel say of the settings; None when nobody was to be asked."""
    if typed.settings is None or not typed.settings.sync or request.pressed((UNCHECKED,)):
        return None
    tried = try_out(desk, typed.settings, typed.old)
    typed.problems = at_fields(tried.errors, typed.address_shown)
    typed.wanted[OLD] = tried.old
    return tried


def _refuse(
    desk: Desk, request: Request, document: Document, present: Present, notes: Notes, found: list[Problem]
) -> None:
    """Each problem at its field in the form, which stays as it was filled in; to a program all of them as one error."""
    log.info("the settings were not saved; errors in: %s", ", ".join(one.field or "-" for one in found))
    if not request.by_page:
        failure, name = refusal(found, request.language, document)
        document.error(failure, request.language, name)
        return
    notes.problems(found)
    notes.listed(document.words("note_refused"), found)
    notes.result.insert(0, Line(WRONG, f"{document.words('note_refused')} {notes.fields_at_fault()}".strip()))
    Shown(desk, request, document, present, notes).fill()
