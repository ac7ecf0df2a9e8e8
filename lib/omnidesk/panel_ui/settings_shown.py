"""Filling the settings form: values, what can be chosen, the webhook's address, and what there is to say of them."""

from __future__ import annotations

from omnidesk.core.errors import Failure
from omnidesk.core.phrase import Phrase, plain
from omnidesk.core.settings import REQUIRED, Secret, Settings
from omnidesk.helpdesk.rate_limit import RateGate
from omnidesk.panel_ui import settings_secret, settings_typed
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.marks import GOOD, WARNING, WRONG
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.settings_choices import (
    ANY_AGE,
    FRESH,
    Choice,
    Offer,
    channels,
    chosen_departments,
    departments,
    employees,
)
from omnidesk.panel_ui.settings_fields import (
    FIELDS,
    LEVELS,
    ONE_OF,
    RATINGS,
    RELOAD,
    SECRETS,
    Problem,
    effective,
    field_of,
    problems,
    typed_problems,
)
from omnidesk.panel_ui.settings_file import Present
from omnidesk.panel_ui.settings_notes import Notes, quoted
from omnidesk.panel_ui.settings_saved import MESSAGES
from omnidesk.wording.findings import at_fault

_CHOSEN = ("channel", "fallback", "departments", "rating_good")
_PLAIN = tuple(name for name in FIELDS if name not in (*SECRETS, *_CHOSEN))
_TEXTS = tuple(name for name in FIELDS if name != "rating_good")  # which holds a level, not the whole map
_LOGIN = ("url", "email", "api_key")
_OF_THE_OLD_SECRET = ("setting.webhook", "setting.webhook_paste", "finding.webhook_old")


class Shown:
    """One answer with the form in it."""

    def __init__(self, desk: Desk, request: Request, document: Document, present: Present, notes: Notes) -> None:
        self.desk, self.request, self.document, self.present = desk, request, document, present
        self.notes = notes
        self.refused: Failure | None = None  # by the account, when the page was opened
        self.stored_secret = effective("OmnideskSecret", present.get("OmnideskSecret"))
        self.new_secret = "" if request.value("secret") else settings_secret.read(desk.paths, self._stored())
        if not self.new_secret and not request.value("secret") and not self._stored():
            self.new_secret = settings_secret.make(desk.paths)

    def fill(self) -> None:
        """Everything the form has."""
        for name in _PLAIN:
            self.document.value(name, settings_typed.shown(name, self.request, self.present))
        for name, keys in ONE_OF.items():
            self.document.choices(name, [(key, self.words(f"{name}_{key}") or key) for key in keys])
        self._ratings()
        self._people()
        self._typed()
        self._channels()
        self._webhook()
        self._required()
        self._state()
        self.notes.put()

    def words(self, name: str) -> str:
        return self.document.words(name)

    def _stored(self) -> str:
        return self.stored_secret.reveal() if self.stored_secret else ""

    def _ratings(self) -> None:
        levels = settings_typed.levels(self.request, self.present.get("RatingMap"))
        for rating in RATINGS:
            self.document.value(f"rating_{rating}", levels[rating])
            self.document.choices(f"rating_{rating}", [(one, self.words(f"level_{one}") or one) for one in LEVELS])

    def _people(self) -> None:
        chosen = settings_typed.shown("fallback", self.request, self.present).lower()
        self.document.value("fallback", chosen)
        nobody: Choice = ("", self.words("fallback_integration") or "—")
        self.document.choices("fallback", [nobody, *employees(self.desk).with_chosen(chosen)])
        offer = departments(self.desk)
        text = settings_typed.shown("departments", self.request, self.present)
        keys = chosen_departments(effective("Departments", text), offer)
        self.document.value("departments", ", ".join(keys))
        self.document.choices("departments", offer.with_chosen(*keys))

    def _typed(self) -> None:
        """What is wrong with the texts in the fields, typed or from the file; an address that was cut."""
        sent = {name: settings_typed.typed(name, self.request) for name in _TEXTS if self.request.has(name)}
        self.notes.problems(typed_problems(sent))
        if not sent:
            self.notes.problems(one for one in problems(self.present.values) if self.present.get(FIELDS[one.field]))
        for name, text in sent.items():
            if text != self.request.value(name):
                cut = self.request.value(name).removeprefix(text)
                self.notes.at(name, WARNING, Phrase("setting.cut", text=cut).text(self.request.language))
        stored = self.present.get("OmnideskApiKey") and not self.request.value("api_key")
        if stored and not settings_typed.same_address(self.request, self.present):
            self.notes.problems([Problem("api_key", Phrase("setting.key_again"))])

    def _channels(self) -> None:
        chosen = settings_typed.shown("channel", self.request, self.present)
        chosen = effective("OmnideskChannel", chosen) or chosen
        login = self._login()
        offer = channels(self.desk, login, self._age(), self.words("channel_chat")) if login else Offer()
        if (
            not chosen
            and self.request.changed_field in (*_LOGIN, RELOAD)
            and len(offer.choices) == 1
            and not offer.chats
        ):
            chosen = offer.choices[0][0]
        self.document.value("channel", chosen)
        nothing: Choice = ("", self.words("choose") or "—")
        self.document.choices("channel", [nothing, *offer.with_chosen(chosen)])
        if login is None:
            self._no_login()
        elif offer.away is not None:
            self._away(offer.away)
        elif not offer.choices:
            self.notes.at("channel", WARNING, self.words("channel_none"))
        elif chosen in offer.chats:
            self.notes.at("channel", WARNING, Phrase("finding.chat_channel").full(self.request.language))
        elif not self.notes.says("channel"):
            self.notes.at("channel", GOOD, f"{self.words('channel_found')} {len(offer.choices)}")

    def _no_login(self) -> None:
        """Why the account cannot be asked: what is missing is not what is wrong."""
        wrong = [name for name in _LOGIN if self.notes.wrong(name)]
        missing = [name for name in _LOGIN if name not in wrong and not self._text(name)]
        names, what = (wrong, self.words("channel_fix")) if wrong else (missing, self.words("channel_fill"))
        if names:
            labels = ", ".join(quoted(self.words(name) or name, self.request.language) for name in names)
            self.notes.at("channel", "", f"{what} {labels}.")

    def _text(self, name: str) -> str:
        if name == "api_key":
            return settings_typed.api_key(self.request, self.present)
        return settings_typed.shown(name, self.request, self.present)

    def _away(self, failure: Failure) -> None:
        """The account was asked and refused: at the field that is at fault, and first on a page just opened."""
        self.notes.problems([Problem(field_of(at_fault(failure)) or "channel", failure.phrase)])
        if not self.request.changed_field and not self.request.submitted:
            self.refused = failure

    def _age(self) -> float:
        """How old a remembered list of channels may be: what is asked for on purpose is asked for now."""
        field = self.request.changed_field
        if self.request.pressed((RELOAD,)):
            return 0.0
        if not field and not self.request.submitted and self._stopped():
            return 0.0
        return ANY_AGE if field not in ("", *_LOGIN) else FRESH

    def _stopped(self) -> bool:
        """Whether the account refused the worker, perhaps since the list was read."""
        budget = RateGate(self.desk.paths.rate_state, self.desk.dependencies.clock).budget()
        return bool(budget.blocked_until and at_fault(Failure(budget.reason)))

    def _login(self) -> Settings | None:
        """What is needed to ask the account, if it is there and well formed."""
        texts = {FIELDS[name]: self._text(name) for name in _LOGIN}
        url, email, key = (effective(setting, text) if text else None for setting, text in texts.items())
        return Settings(url, email, key, "", Secret("")) if url and email and key else None

    def _webhook(self) -> None:
        """The address, complete as long as somebody may have to paste it."""
        base = effective("PublicUrl", settings_typed.shown("public_url", self.request, self.present))
        base = base or self.document.attribute("host") or "https://PANEL"
        self.document.value("webhook", settings_typed.address(base, self.new_secret))
        if self.notes.wrong("webhook"):
            return
        if self.request.value("secret"):
            self.notes.at("webhook", "", self.words("webhook_own"))
        elif self.new_secret and self.new_secret == self._stored():
            self.notes.at("webhook", WARNING, self.words("webhook_waits"))
        elif self.new_secret and self.stored_secret:
            self.notes.at("webhook", WARNING, self.words("webhook_new"))

    def _required(self) -> None:
        """What has to be filled in; a stored key is kept when nothing is typed."""
        kept = settings_typed.api_key(self.request, self.present) and not self.request.value("api_key")
        names = [field_of(one) for one in REQUIRED if one != "OmnideskSecret"]
        self.document.require(name for name in names if not (name == "api_key" and kept))
        if kept:
            self.document.message("placeholder_api_key", self.words("api_key_kept"))

    def _state(self) -> None:
        """How things stand: what is wrong with the file, whether tickets travel, what the last save had to say."""
        notes, head = self.notes, self.notes.head
        if head:
            return  # the save that was refused
        if self.present.missing:
            notes.say(head, "", self.words("note_new"))
            return
        if self.present.problem is not None:
            why = self.present.problem.phrase.text(self.request.language)
            notes.say(head, WRONG, f"{why}\n{self.words('note_fix')}")
            return
        on = effective("Sync", self.present.get("Sync"))
        if self.refused is not None:
            notes.say(head, WRONG, self.refused.phrase)
        if not on or self.refused is None:
            notes.say(head, GOOD if on else WARNING, self.words("note_on" if on else "note_off"))
        for one in self._messages():
            notes.say(head, WARNING, one)

    def _messages(self) -> list[Phrase]:
        try:
            kept = self.desk.state.get(MESSAGES, [])
        except Failure as failure:
            return [failure.phrase]
        # an earlier version kept pairs of English and Russian
        russian = self.request.language == "ru"
        found = [plain(one[russian]) if isinstance(one, list) else Phrase.of(one) for one in kept]
        return [one for one in found if self.new_secret or one.key not in _OF_THE_OLD_SECRET]
