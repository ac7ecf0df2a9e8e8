"""The form «Параметры интеграции»: opened, reloaded when a field requests it, saved.

Secrets go one way. What was typed is never given back, and what is stored is kept when nothing is typed; only a new
secret of the webhook is shown (:mod:`omnidesk.panel_ui.settings_secret`), because somebody has to paste it into
Omnidesk.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase, plain
from omnidesk.core.settings import Secret, Settings
from omnidesk.panel_ui import names, settings_file, settings_secret, settings_typed
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
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
from omnidesk.panel_ui.settings_choices import (
    ANY_AGE,
    FRESH,
    Choice,
    channels,
    chosen_departments,
    departments,
    employees,
)
from omnidesk.panel_ui.settings_fields import FIELDS, LEVELS, ONE_OF, RATINGS, SECRETS, Problem, effective
from omnidesk.panel_ui.settings_file import Present
from omnidesk.panel_ui.settings_saved import MESSAGES, afterwards

log = logging.getLogger("panel")
_CHOSEN = ("channel", "fallback", "departments", "rating_1")
_PLAIN = tuple(name for name in FIELDS if name not in (*SECRETS, *_CHOSEN))


def serve(desk: Desk, request: Request, document: Document) -> None:
    """Open, show again, or save."""
    for name in SECRETS:
        if len(request.value(name)) > 3:  # a shorter one would blot out half the log
            desk.handler.secrets.add(request.value(name))
    present = settings_file.read(desk.paths)
    for setting in ("OmnideskApiKey", "OmnideskSecret", OLD, "FieldsDBPassword"):
        if len(present.get(setting)) > 3:
            desk.handler.secrets.add(present.get(setting))
    if request.submitted:
        _save(desk, request, document, present)
    else:
        _show(desk, request, document, present)


# Showing


def _show(desk: Desk, request: Request, document: Document, present: Present) -> None:
    for name in _PLAIN:
        document.value(name, settings_typed.shown(name, request, present))
    document.value("reload", "off")
    document.value("save_unchecked", request.value("save_unchecked") or "off")
    for name, keys in ONE_OF.items():
        document.choices(name, [(key, document.words(f"{name}_{key}") or key) for key in keys])
    _show_ratings(request, document, present)
    _show_people(desk, request, document, present)
    _show_channels(desk, request, document, present)
    base = effective("PublicUrl", settings_typed.shown("public_url", request, present))
    secret = _new_secret(desk, request, present)
    document.value("new_secret", "on" if secret and present.get("OmnideskSecret") else "off")
    document.value("webhook", settings_typed.address(base or document.attribute("host") or "https://PANEL", secret))
    document.value("note", "\n".join(_notes(desk, request, document, present)))


def _new_secret(desk: Desk, request: Request, present: Present) -> str:
    """The webhook's secret that is to be shown; "" when the stored one is to be kept, or one was typed."""
    stored = effective("OmnideskSecret", present.get("OmnideskSecret"))
    if request.changed_field == "new_secret" and request.value("new_secret") == "on":
        return settings_secret.make(desk.paths)
    if request.changed_field == "new_secret" and stored:
        settings_secret.forget(desk.paths)
        return ""
    if request.value("secret"):
        return ""
    return settings_secret.read(desk.paths) or ("" if stored else settings_secret.make(desk.paths))


def _show_ratings(request: Request, document: Document, present: Present) -> None:
    levels = settings_typed.levels(request, present.get("RatingMap"))
    for rating in RATINGS:
        document.value(f"rating_{rating}", levels[rating])
        document.choices(f"rating_{rating}", [(one, document.words(f"level_{one}") or one) for one in LEVELS])


def _show_people(desk: Desk, request: Request, document: Document, present: Present) -> None:
    chosen = settings_typed.shown("fallback", request, present).lower()
    document.value("fallback", chosen)
    nobody: Choice = ("", document.words("fallback_integration") or "—")
    document.choices("fallback", [nobody, *employees(desk).with_chosen(chosen)])
    offer = departments(desk)
    keys = chosen_departments(effective("Departments", settings_typed.shown("departments", request, present)), offer)
    document.value("departments", ", ".join(keys))
    document.choices("departments", offer.with_chosen(*keys))


def _show_channels(desk: Desk, request: Request, document: Document, present: Present) -> None:
    chosen = settings_typed.shown("channel", request, present)
    chosen = effective("OmnideskChannel", chosen) or chosen
    document.value("channel", chosen)
    nothing: Choice = ("", document.words("choose") or "—")
    login = _login(request, present)
    if login is None:
        document.choices("channel", [nothing, *([(chosen, chosen)] if chosen else [])])
        document.value("channel_note", document.words("channel_fill"))
        return
    offer = channels(desk, login, _age(request))
    document.choices("channel", [nothing, *offer.with_chosen(chosen)])
    if offer.away is not None:
        document.value("channel_note", _words(offer.away, request.language))
    elif not offer.choices:
        document.value("channel_note", document.words("channel_none"))
    else:
        document.value("channel_note", f"{document.words('channel_found')} {len(offer.choices)}")


def _age(request: Request) -> float:
    """How old a remembered list of channels may be: what is asked for on purpose is asked for now."""
    if request.changed_field == "reload":
        return 0.0
    return ANY_AGE if request.changed_field not in ("", "url", "email", "api_key") else FRESH


def _login(request: Request, present: Present) -> Settings | None:
    """What is needed to ask the account, if it is there and well formed."""
    texts = {
        "OmnideskUrl": settings_typed.shown("url", request, present),
        "OmnideskEmail": settings_typed.shown("email", request, present),
        "OmnideskApiKey": settings_typed.api_key(request, present),
    }
    url, email, key = (effective(setting, text) if text else None for setting, text in texts.items())
    return Settings(url, email, key, "", Secret("")) if url and email and key else None


def _notes(desk: Desk, request: Request, document: Document, present: Present) -> Iterable[str]:
    """How things stand: what is wrong with the file, whether tickets travel, what the last save had to say."""
    if present.missing:
        yield document.words("note_new")
        return
    if present.problem is not None:
        yield f"{_words(present.problem, request.language)} {document.words('note_mend')}".strip()
        return
    yield document.words("note_on" if effective("Sync", present.get("Sync")) else "note_off")
    try:
        messages = desk.state.get(MESSAGES, [])
    except Failure as failure:
        yield _words(failure, request.language)
        return
    for one in messages:  # an earlier version kept pairs of English and Russian
        yield (plain(one[request.language == "ru"]) if isinstance(one, list) else Phrase.of(one)).full(request.language)


def _words(failure: Failure, language: str) -> str:
    return failure.phrase.full(language)


# Saving


def _save(desk: Desk, request: Request, document: Document, present: Present) -> None:
    found, messages = _try_to_save(desk, request, document, present)
    if found:
        failure, field = refusal(found, request.language, document)
        log.info("the settings were not saved; errors in: %s", ", ".join(one.field or "-" for one in found))
        document.error(failure, request.language, field)
    elif messages:
        document.ok("form", f"func={names.SETTINGS}")  # where the note tells it
    else:
        document.ok()


def _try_to_save(
    desk: Desk, request: Request, document: Document, present: Present
) -> tuple[list[Problem], list[Phrase]]:
    """(what stands in the way, what there is to tell of a save that was made)."""
    shown = chosen_departments(effective("Departments", present.get("Departments")), departments(desk))
    taken = request.value("new_secret") == "on" or not present.get("OmnideskSecret")
    new_secret = settings_secret.read(desk.paths) if taken else ""
    wanted = settings_typed.wanted(request, present, shown, new_secret)
    if found := form_problems(request, present, wanted):
        return found, []
    candidates = old_secrets(present, wanted["OmnideskSecret"])
    wanted[OLD] = candidates[0] if candidates else ""
    settings = settings_of(present, wanted)
    if isinstance(settings, Problem):
        return [settings], []
    desk.keep_quiet(settings)
    tried: Tried | None = None
    if settings.sync and request.value("save_unchecked") != "on":
        tried = try_out(desk, settings, candidates)
        if tried.errors:
            return at_fields(tried.errors, document), []
        wanted[OLD] = tried.old
    with settings_file.alone(desk.paths):
        settings_file.save(desk.paths, wanted)
    settings_secret.forget(desk.paths)
    log.info("the settings were saved in the panel")
    return [], afterwards(desk, settings, present, tried, document)
