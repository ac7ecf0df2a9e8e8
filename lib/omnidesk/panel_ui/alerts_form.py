"""The form of the alerts: where they go, from when on, and a test."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlencode

from omnidesk.alerts import channels, watch
from omnidesk.core.errors import Failure, Misconfigured
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import SETTINGS, NotAccepted, Settings, parse
from omnidesk.panel_ui import names, settings_file
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.settings_file import Present
from omnidesk.wording.screen import span

log = logging.getLogger("panel")
TESTED = "panel:alerts_tested"  # what became of the last test
TEST = "test"
FIELDS = {
    "alert_email": "AlertEmail",
    "telegram_token": "AlertTelegramToken",
    "telegram_chat": "AlertTelegramChat",
    "alert_webhook": "AlertWebhook",
    "pause_minutes": "AlertPauseMinutes",
    "silence_hours": "AlertSilenceHours",
}
SECRETS = ("telegram_token", "alert_webhook")  # empty: as it is stored
REMOVE = "-"


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Show the form, or save it; the button :data:`TEST` also sends a test."""
    present = settings_file.read(desk.paths)
    for name in SECRETS:  # the log blots out what is typed and what is stored
        desk.handler.secrets |= {request.value(name), present.get(FIELDS[name])} - {"", REMOVE}
    if request.submitted:
        _save(desk, request, document, present)
        return
    if present.missing:
        document.value("note", Phrase("health.not_set_up").text(request.language))
        place = document.attribute("binary") or "/billmgr"
        document.value("to_settings", f"{place}?{urlencode({'func': names.SETTINGS})}")
        for name in FIELDS:
            document.leave_out(name)
        for name in ("ok", TEST):
            document.leave_out(name, "button")
        return
    document.leave_out("to_settings")
    for name, setting in FIELDS.items():
        if name not in SECRETS:
            document.value(name, present.get(setting))
    document.value("note", "\n".join(_notes(desk, request, document, present)))


def _save(desk: Desk, request: Request, document: Document, present: Present) -> None:
    wanted = {setting: _text(request, present, name, setting) for name, setting in FIELDS.items()}
    for name, setting in FIELDS.items():
        try:
            SETTINGS[setting][1](wanted[setting]) if wanted[setting] else None
        except NotAccepted as problem:
            _refuse(document, request, name, problem.phrase)
            return
    if bool(wanted["AlertTelegramToken"]) != bool(wanted["AlertTelegramChat"]):
        missing = "telegram_chat" if wanted["AlertTelegramToken"] else "telegram_token"
        _refuse(document, request, missing, Phrase("alert.half_telegram"))
        return
    settings = _settings(present, wanted)
    with settings_file.alone(desk.paths):
        settings_file.save(desk.paths, wanted)
    log.info("the alerts were saved in the panel")
    if request.value("clicked_button") == TEST:
        found = watch.send_test(desk.keep_quiet(settings), desk.dependencies)
        with suppress(Failure):  # without a database the result is in the log only
            desk.state.put(TESTED, {name: why.data() if why else None for name, why in found.items()})
        document.ok("form", urlencode({"func": names.ALERTS}))
        return
    document.ok()


def _text(request: Request, present: Present, name: str, setting: str) -> str:
    typed = request.value(name)
    if name in SECRETS:
        return "" if typed == REMOVE else typed or present.get(setting)
    return typed if request.has(name) else present.get(setting)


def _refuse(document: Document, request: Request, name: str, why: Phrase) -> None:
    said = f"{document.words(name) or name}: {why.text(request.language)}."
    document.error(Failure("settings_form", name, said), request.language, name)


def _settings(present: Present, wanted: Mapping[str, str]) -> Settings:
    """The settings with these; :class:`Misconfigured` of a module that is not set up, or whose file is broken."""
    if present.problem is not None:
        raise present.problem
    values = {**present.values, **wanted}
    return parse("\n".join(f"{name} {value}" for name, value in values.items() if value))


def _notes(desk: Desk, request: Request, document: Document, present: Present) -> Iterator[str]:
    """Which channels are set, what became of the last test, which one fails."""
    language = request.language
    try:
        settings = _settings(present, {})
    except Misconfigured as problem:
        yield problem.phrase.full(language)
        return
    ways = channels.configured(settings)
    for name in (channels.EMAIL, channels.TELEGRAM, channels.WEBHOOK):
        yield f"{document.words(f'channel_{name}')}: {document.words('set' if name in ways else 'not_set')}"
    try:
        tested, age = desk.state.get(TESTED, None, dict) or {}, desk.state.age(TESTED)
        broken = watch.failing(desk.context(settings))
    except Failure as failure:
        yield failure.phrase.full(language)
        return
    for name, why in tested.items():
        channel = Phrase(f"alert.{name}")
        said = Phrase("alert.not_sent", channel=channel, why=Phrase.of(why)) if why else Phrase(
            "alert.sent", channel=channel)  # fmt: skip
        yield Phrase("alert.tested", time=span(age or 0.0, language), said=said).text(language)
    for name, since, why in broken:
        time = span(max(0.0, desk.dependencies.clock() - since), language)
        yield "✗ " + Phrase("alert.failing", channel=Phrase(f"alert.{name}"), time=time, why=why).text(language)
