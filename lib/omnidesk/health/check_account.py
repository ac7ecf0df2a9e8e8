"""Hints about the account's own settings, which no call shows: by what Omnidesk refused and what its replies hold."""

from __future__ import annotations

from collections.abc import Iterator

from omnidesk.billmanager import conversation
from omnidesk.content import cuts
from omnidesk.content.urls import host
from omnidesk.context import Context
from omnidesk.core.tables import TICKETS
from omnidesk.wording.findings import Finding

NEWEST = 50  # delivered replies that are looked through
ENDS = 20_000  # characters of each
SHOWN = 10  # tickets named


def hints(context: Context) -> Iterator[Finding]:
    """What in the account makes the module's work incomplete, or shows clients what is not meant for them."""
    yield from _closing_refused(context)
    yield from _ratings_refused(context)
    if not context.settings.cut_rating_links:
        yield from _rating_requests(context)


def _closing_refused(context: Context) -> Iterator[Finding]:
    """An account can require fields when a case is closed (documented); the list of fields does not say which."""
    rows = context.db.rows(
        f"SELECT ticket, refused_why FROM {TICKETS} WHERE refused_status <> '' AND case_gone = '' ORDER BY ticket"
    )
    if rows:
        names = ", ".join(str(row["ticket"]) for row in rows[:SHOWN]) + (", …" if len(rows) > SHOWN else "")
        why = rows[-1]["refused_why"]
        yield Finding(
            "warning", "closing", f"Omnidesk does not allow cases to be closed ({why}); tickets: {names}.",
            f"Омнидеск не даёт закрыть обращения ({why}); запросы: {names}.",
            "If the account requires fields for closing, let the module fill them (custom fields of the level case), or"
            " make them optional in Omnidesk. Each case is tried again when one of its fields changes.",
            "Если в аккаунте есть поля, обязательные при закрытии, заполняйте их модулем (кастомные поля обращения) или"
            " сделайте необязательными в Омнидеске. Попытка закрыть обращение повторится, когда изменится его поле.",
        )  # fmt: skip


def _ratings_refused(context: Context) -> Iterator[Finding]:
    why = context.state.refusal("rating")
    if why:
        yield Finding(
            "warning", "rating", f"Omnidesk refused the last rating it was sent ({why}).",
            f"Омнидеск не принял последнюю оценку ({why}).",
            "If the quality rating is switched off in Omnidesk, switch it on. Ratings that were refused are not sent"
            " again; `pmomnidesk set_rating MESSAGE --rating good` sends one.",
            "Если в Омнидеске выключена оценка качества, включите её. Отклонённые оценки повторно не отправляются;"
            " отдельную оценку отправит `pmomnidesk set_rating СООБЩЕНИЕ --rating good`.",
        )  # fmt: skip


def _rating_requests(context: Context) -> Iterator[Finding]:
    """The account may add a request to rate the answer to every reply's signature (documented)."""
    own = host(context.settings.url)
    signed = [one.name for one in context.account.staff() if one.active and _asks(one.signature, own)]
    replies = conversation.ends_of_replies(context.db, ENDS, NEWEST)
    asking = sum(cuts.asks_for_rating(text, own) for text in replies)
    if not signed and not asking:
        return
    en = f"in the signature of {', '.join(signed[:3])}" if signed else f"in {asking} of the newest {len(replies)}"
    ru = f"в подписи: {', '.join(signed[:3])}" if signed else f"в {asking} из последних {len(replies)}"
    yield Finding(
        "info", "rating", f"Omnidesk's replies ask the client to rate them ({en}); clients see that in the ticket.",
        f"Ответы из Омнидеска просят клиента оценить их ({ru}); клиент видит это в запросе.",
        "Clients rate in BILLmanager, so set CutRatingLinks on, or remove the rating block from the signature.",
        "Клиенты ставят оценки в BILLmanager: включите CutRatingLinks или уберите блок оценки из подписи.",
        "CutRatingLinks",
    )  # fmt: skip


def _asks(signature: str, own: str) -> bool:
    return cuts.asks_for_rating(signature, own) or cuts.has_placeholder(signature)
