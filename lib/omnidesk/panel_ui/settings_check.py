"""Whether typed settings may be saved: their form first, then, with the account's own answers, whether they work."""

from __future__ import annotations

from dataclasses import dataclass, replace

from omnidesk.context import Context
from omnidesk.core.errors import Failure, Misconfigured
from omnidesk.core.phrase import Phrase
from omnidesk.core.settings import Secret, Settings, parse
from omnidesk.health import check_connection
from omnidesk.health.check_connection import secret_in_use
from omnidesk.panel_ui.desk import Desk
from omnidesk.panel_ui.document import Document
from omnidesk.panel_ui.request import Request
from omnidesk.panel_ui.settings_fields import Problem, effective, field_of, problems
from omnidesk.panel_ui.settings_file import Present, Unwritable, write
from omnidesk.panel_ui.settings_notes import labelled, ordered
from omnidesk.panel_ui.settings_trial import trial
from omnidesk.panel_ui.settings_typed import same_address
from omnidesk.wording.findings import Finding

OLD = "OmnideskSecretOld"


@dataclass(frozen=True)
class Tried:
    """What the live check found; ``old``: the secret that the channel still uses, "" when it uses the new one."""

    context: Context
    findings: list[Finding]
    old: str

    @property
    def errors(self) -> list[Finding]:
        return [one for one in self.findings if one.level == "error"]

    @property
    def warnings(self) -> list[Finding]:
        return [one for one in self.findings if one.level == "warning"]


def form_problems(request: Request, present: Present, wanted: dict[str, str]) -> list[Problem]:
    """What can be said of the texts without asking anybody."""
    found = problems(wanted)
    if not wanted["OmnideskApiKey"] and present.get("OmnideskApiKey") and not same_address(request, present):
        found = [one for one in found if one.field != "api_key"]
        found.append(Problem("api_key", Phrase("setting.key_again")))
    return ordered(found)


def settings_of(present: Present, wanted: dict[str, str]) -> Settings | Problem:
    """The settings as the file will have them, or what still stands in the way."""
    try:
        return parse(write(present.text, wanted))
    except Unwritable as problem:
        return Problem(field_of(problem.name), Phrase("setting.signs"))
    except Misconfigured as problem:  # of settings that the form does not have
        return Problem("", problem.phrase.params["value"])


def old_secrets(present: Present, new: str) -> list[str]:
    """Secrets that the channel may still use, the likeliest first."""
    kept = ("OmnideskSecret", OLD)
    valid = [present.get(name) for name in kept if effective(OLD, present.get(name))]
    return [one for one in dict.fromkeys(valid) if one != new]


def try_out(desk: Desk, settings: Settings, candidates: list[str]) -> Tried:
    """Ask the account and the panel. Four calls; five while two old secrets are about."""
    context = trial(desk, settings)
    old = candidates[0] if candidates else ""
    if len(candidates) > 1:
        old = next((one for one in candidates if _in_use(context, settings, one)), old)
    context.settings = replace(context.settings, secret_old=Secret(old))
    findings = check_connection.try_out(context)
    used = any(one.topic == "webhook" and one.level != "warning" for one in findings)
    return Tried(context, findings, "" if used else old)


def _in_use(context: Context, settings: Settings, secret: str) -> bool:
    try:
        rows = context.account.channels()
    except Failure:
        return False  # the check itself says so, and asks again
    return any(one.key == settings.channel and secret_in_use(one.webhook_url, Secret(secret)) for one in rows)


def at_fields(findings: list[Finding], address_shown: bool) -> list[Problem]:
    """Findings as the form shows them: at their fields, with their cures.

    ``address_shown``: the webhook's address stands there with its secret, to be pasted.
    """
    found = []
    for one in findings:
        if one.topic != "webhook":
            found.append(Problem(field_of(one.setting), one.said))
        elif address_shown:
            found.append(Problem("webhook", Phrase("setting.webhook_paste", why=one.said)))
        else:
            hidden = Phrase("setting.webhook_hidden", why=one.said)
            found.append(Problem("webhook", one.said if one.level == "warning" else hidden))
    return found


def refusal(found: list[Problem], language: str, document: Document) -> tuple[Failure, str]:
    """The form's one error for all of them, and the field it is shown at: the first that is at fault."""
    field = next((one.field for one in found if one.field), "")
    lines = []
    for one in found:
        label = f"«{document.words(one.field) or one.field}»: " if one.field else ""
        lines.append(label + labelled(one.said.full(language), document, language))
    return Misconfigured("settings_form", field, "\n".join(lines)), field
