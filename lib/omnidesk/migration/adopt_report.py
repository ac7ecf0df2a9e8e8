"""What an adoption found and did, for people: a line a ticket, totals, and why tickets were left alone.

The whole report is a file; the answer holds its beginning, so that memory stays the same for any number of tickets.
It holds numbers only, no names, subjects or texts.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from types import TracebackType
from typing import IO, Any

from omnidesk.core.errors import Failure
from omnidesk.core.paths import Paths, private_folder
from omnidesk.migration.adopt_cases import TABLE, LeftAlone
from omnidesk.migration.adopt_tables import Original
from omnidesk.migration.adopt_takeover import Takeover
from omnidesk.wording.error_texts import render

SHOWN = 500  # lines and elements in the answer
NAMED = 10  # messages of a ticket that are named
GROUNDS = {
    "messages": {"en": "its messages there", "ru": "сообщения в ней"},
    "text": {"en": "text", "ru": "текст"},
    "subject": {"en": "subject", "ru": "тема"},
    "number": {"en": "number in the subject", "ru": "номер в теме"},
    "time": {"en": "time", "ru": "время"},
    "user": {"en": "client", "ru": "клиент"},
}
REASONS = {
    "no_case": {"en": "no case of its client matches", "ru": "похожего обращения клиента нет"},
    "ambiguous": {"en": "several cases match: {value}", "ru": "подходит несколько: {value}"},
    "several": {"en": "the original module's table has several cases: {value}",
                "ru": "в таблице исходного модуля несколько обращений: {value}"},
    "shared": {"en": "the original module's table has its case for other tickets too: {value}",
               "ru": "в таблице исходного модуля то же обращение у других запросов: {value}"},
    "unlike": {"en": "case {value} from the original module's table has nothing in common with this ticket",
               "ru": "обращение {value} из таблицы исходного модуля ничем не похоже на этот запрос"},
    "deleted": {"en": "case {value} was deleted", "ru": "обращение {value} удалено"},
    "trash": {"en": "case {value} is in the trash", "ru": "обращение {value} в корзине"},
    "spam": {"en": "case {value} is spam", "ru": "обращение {value} в спаме"},
    "merged": {"en": "case {value} was merged into a case that is deleted or of another client",
               "ru": "обращение {value} объединено с обращением другого клиента или с удалённым"},
    "channel": {"en": "its case is in another channel ({value}); use --channel to include it",
                "ru": "обращение в другом канале ({value}); добавьте его через --channel"},
    "taken": {"en": "case {value} is already linked to it", "ru": "обращение {value} уже связано с ним"},
    "no_client": {"en": "its client was deleted", "ru": "клиент удалён"},
    "busy": {"en": "the worker is processing it", "ru": "его обрабатывает воркер"},
    "failed": {"en": "{value}", "ru": "{value}"},
}  # fmt: skip
_BY = {
    "table": {"en": "the original module's table", "ru": "таблица исходного модуля"},
    "search": {"en": "the client's cases", "ru": "обращения клиента"},
}
_HOW = {
    "named": {"en": "as given", "ru": "указано"},
    "key": {"en": "by its foreign key", "ru": "по внешнему ключу"},
    "name": {"en": "by its name", "ru": "по имени"},
    "values": {"en": "by its content", "ru": "по содержимому"},
}


class Report:
    """Takes what came of each ticket, and says it. A context manager: the file is closed at its end."""

    def __init__(self, paths: Paths, language: str, *, dry: bool, syncing: bool, now: float) -> None:
        self.language = language
        self.dry = dry
        self.syncing = syncing
        self.path = paths.adopt_dry_run if dry else paths.adopt_report
        self.lines: list[str] = []
        self.elements: list[dict[str, Any]] = []
        self.reasons: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.cut = 0
        private_folder(paths.var)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if dry else os.O_APPEND)
        self._file: IO[str] = open(os.open(self.path, flags, 0o600), "w", encoding="utf-8")  # noqa: SIM115
        self._put(f"pmomnidesk adopt, {datetime.fromtimestamp(now):%Y-%m-%d %H:%M}")

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _put(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()

    def _say(self, line: str, **element: Any) -> None:
        self._put(line)
        if len(self.lines) < SHOWN:
            self.lines.append(line)
            self.elements.append(element)
        else:
            self.cut += 1

    # Tickets

    def tables(self, original: Original) -> None:
        """Which columns of the original's tables were taken, and why these."""
        for taken in original.taken.values():
            how = [_HOW[one][self.language] for one in taken.how]
            line = f"{taken.table}: {taken.here} ({how[0]}) → {taken.there} ({how[1]})"
            self._say(line, table=taken.table, here=taken.here, there=taken.there)

    def adopted(self, taken: Takeover) -> None:
        """A ticket that is taken over, or would be."""
        case, pairs = taken.found.case, taken.pairing.pairs
        here = len(taken.here.past) + len(taken.here.doubtful)
        there = len(taken.there.past) + len(taken.there.doubtful) - taken.silent
        fresh = len(taken.here.fresh) + len(taken.there.fresh)
        number = case.case_number or str(case.case_id)
        grounds = ", ".join(GROUNDS[one][self.language] for one in taken.found.grounds)
        words = {
            "en": f"ticket {taken.ticket.id} → case {number}: {_BY[taken.found.by]['en']} ({grounds});"
            f" {len(pairs)} messages paired, {here} stay in BILLmanager, {there} in Omnidesk",
            "ru": f"запрос {taken.ticket.id} → обращение {number}: {_BY[taken.found.by]['ru']} ({grounds});"
            f" сообщений связано: {len(pairs)}, останется в BILLmanager: {here}, в Омнидеске: {there}",
        }[self.language]
        if fresh:
            words += {"en": f", {fresh} go over", "ru": f", будет передано: {fresh}"}[self.language]
        self._say(
            words + self._doubts(taken), ticket=taken.ticket.id, case=number, by=taken.found.by,
            grounds=" ".join(taken.found.grounds), paired=len(pairs), here=here, there=there, fresh=fresh,
        )  # fmt: skip
        self.totals.update(tickets=1, paired=len(pairs), here=here, there=there, fresh=fresh)
        self.totals["by_table" if taken.found.by == TABLE else "by_search"] += 1
        self.totals["apart"] += (taken.ticket.status == "open") != (case.status == "open")

    def _doubts(self, taken: Takeover) -> str:
        """Newer messages that stay because the other side may have them in other words: a person should look."""
        found = ""
        for ids, words in (
            (taken.here.doubtful, {"en": "look at messages", "ru": "посмотрите сообщения"}),
            (taken.there.doubtful, {"en": "look at Omnidesk's messages", "ru": "посмотрите сообщения Омнидеска"}),
        ):
            if ids:
                self.totals["doubtful"] += len(ids)
                more = "…" if len(ids) > NAMED else ""
                found += f"; {words[self.language]} {', '.join(_message(id) for id in ids[:NAMED])}{more}"
        return found

    def left(self, ticket: int, why: LeftAlone) -> None:
        """A ticket that is left alone."""
        self.reasons[why.reason] += 1
        words = REASONS[why.reason][self.language].format(value=why.value)
        line = {"en": f"ticket {ticket} left alone: {words}", "ru": f"запрос {ticket} не тронут: {words}"}
        if why.reason == "no_case":  # a panel has thousands of those, and import is for them
            self._put(line[self.language])
        else:
            self._say(line[self.language], ticket=ticket, left=why.reason, value=why.value)

    def failed(self, ticket: int, failure: Failure) -> None:
        """A ticket of which one side could not be read."""
        self.left(ticket, LeftAlone("failed", render(failure, self.language).sentence))

    # Totals

    def summary(self) -> list[str]:
        """What all of it comes to."""
        total = self.totals
        said = {
            "en": f"{total['tickets']} tickets {'would be' if self.dry else 'were'} taken over:"
            f" {total['by_table']} by the original's table, {total['by_search']} by the clients' cases."
            f" {total['paired']} messages paired, {total['here']} stay in BILLmanager, {total['there']} in Omnidesk,"
            f" {total['fresh']} go over.",
            "ru": f"{'Будет принято' if self.dry else 'Принято'} запросов: {total['tickets']}, по таблице исходного"
            f" модуля: {total['by_table']}, по обращениям клиентов: {total['by_search']}. Сообщений связано:"
            f" {total['paired']}, останется в BILLmanager: {total['here']}, в Омнидеске: {total['there']},"
            f" будет передано: {total['fresh']}.",
        }
        lines = [said[self.language], *self._notes()]
        if self.reasons:
            lines.append({"en": "Left alone:", "ru": "Не тронуты:"}[self.language])
            lines += [
                f"  {count:6}  {REASONS[reason][self.language].format(value='…')}"
                for reason, count in self.reasons.most_common()
            ]
        for line in lines:
            self._put(line)
        return lines

    def _notes(self) -> list[str]:
        notes = []
        if self.syncing:
            notes.append(
                {
                    "en": "Synchronisation is on: a ticket that somebody writes in before it is taken over gets a new"
                    " case. Set Sync off first.",
                    "ru": "Синхронизация включена: запрос, в который напишут раньше, чем он будет принят, получит новое"
                    " обращение. Сначала укажите Sync off.",
                }
            )
        if self.totals["doubtful"]:
            notes.append(
                {
                    "en": f"{self.totals['doubtful']} newer messages have no other side that could be recognised; they"
                    " stay where they are and are named above.",
                    "ru": f"Для новых сообщений ({self.totals['doubtful']}) пара не узнана; они останутся где были и"
                    " названы выше.",
                }
            )
        if self.totals["apart"]:
            notes.append(
                {
                    "en": f"{self.totals['apart']} tickets have another state than their case; it stays so until"
                    " something happens to them.",
                    "ru": f"Состояние {self.totals['apart']} запросов отличается от состояния обращения; так и"
                    " останется, пока с ними ничего не произойдёт.",
                }
            )
        return [note[self.language] for note in notes]


def _message(id: int) -> str:
    return str(id) if id > 0 else f"n{-id}"
