"""The steps in Omnidesk: a case of a client of the trial's own in the test channel, until it is deleted."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.phrase import Phrase, join, plain
from omnidesk.core.ratings import GOOD
from omnidesk.helpdesk import models
from omnidesk.helpdesk.connection import FileUpload
from omnidesk.helpdesk.error_answers import Answer
from omnidesk.helpdesk.models import Message
from omnidesk.probe.findings import NOTHING, Finding, judged, name, names, yes
from omnidesk.probe.trial.kit import OTHER_TEXT, TEXT, Kit, Missing
from omnidesk.probe.trial.panel_steps import CONTENT, LARGEST, SENT, came_back, failed


def kind_of(answer: Answer) -> Phrase:
    """The code of an answer, and what its body is."""
    if answer.word or answer.spoke:
        return plain(f"{answer.code} {name(answer.word) if answer.word else 'JSON'}")
    if not answer.body.strip():
        return Phrase("trial.no_body", code=answer.code)
    return plain(f"{answer.code} HTML") if b"<" in answer.body[:200] else Phrase("probe.not_json", code=answer.code)


class DeskSteps:
    """Each step makes its calls and says what came of them."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.desk = kit.desk

    def _new(self) -> dict[str, Any]:
        """The fields of a case of the trial."""
        return {
            "user_custom_id": self.kit.made.name,
            "user_full_name": "pmomnidesk trial",
            "channel": self.kit.people.channel,
            "subject": self.kit.made.subject,
            "content": TEXT,
        }

    def create(self) -> Iterator[Finding]:
        kit = self.kit
        case = self.desk.create_case({**self._new(), "status": "open"})
        kit.made.cases.add(case.case_id)
        kit.case = case.case_id
        if kit.own_user(case.user_id):  # it was made with the case
            kit.made.users.add(case.user_id)
        kit.user = case.user_id
        by_id = self.desk.case(case.case_id).status
        by_number = self.desk.ask("GET", f"cases/{case.case_number}").succeeded
        rows = self.desk.cases_of_user(kit.people.channel, kit.made.name, case.created_at - 3600)
        listed = case.case_id in [one.case_id for one in rows]
        yield judged(
            "trial.case",
            by_id == "open" and by_number and listed and bool(kit.made.users),
            Phrase("trial.case_made", status=name(by_id), number=yes(by_number), listed=yes(listed)),
        )

    def _write(self, **fields: Any) -> Message:
        return self.desk.add_message(self.kit.there(), {"content": TEXT, **fields})

    def messages(self) -> Iterator[Finding]:
        kit = self.kit
        reply = self._write(staff_id=kit.people.staff_id, do_not_send_email=True)
        kit.made.replies.add(reply.message_id)
        kit.desk_reply = reply.message_id
        after = self.desk.case(kit.there())
        assigned = after.staff_id == kit.people.staff_id
        asked = self._write(user_id=kit.user)
        grows = reply.message_id < asked.message_id
        status = self.desk.case(kit.there()).status
        rows = self.desk.messages(kit.there())
        kinds = Counter(name(one.message_type) if one.message_type else NOTHING for one in rows)
        bodies = {"content_html" if one.content_html else "content" for one in rows}
        right = len(rows) == 3 and rows[0].user_id == kit.user and rows[1].staff_id == kit.people.staff_id
        found = Phrase("trial.thread", count=len(rows), grow=yes(grows), by_staff=name(after.status),
                       assigned=yes(assigned), by_client=name(status), types=", ".join(sorted(kinds)),
                       bodies=", ".join(sorted(bodies)))  # fmt: skip
        yield judged("trial.messages", right and grows, found)

    def note(self) -> Iterator[Finding]:
        self.desk.add_note(self.kit.there(), {"content": TEXT, "staff_id": self.kit.people.staff_id})
        rows = self.desk.messages(self.kit.there())
        marked = bool(rows) and rows[0].note
        yield judged("trial.case_note", marked, Phrase("trial.marked", marked=yes(marked)))

    def edits(self) -> Iterator[Finding]:
        """One message is changed, and one deleted."""
        kit, case = self.kit, self.kit.there()
        changed = self._write(staff_id=kit.people.staff_id, do_not_send_email=True).message_id
        deleted = self._write(user_id=kit.user).message_id
        kit.made.replies |= {changed, deleted}
        before = {one.message_id for one in self.desk.messages(case)}
        put = self.desk.ask("PUT", f"cases/{case}/messages/{changed}", {"message": {"content": OTHER_TEXT}})
        gone = self.desk.ask("DELETE", f"cases/{case}/messages/{deleted}")
        after = {one.message_id: f"{one.content}{one.content_html}" for one in self.desk.messages(case)}
        kept, new, left = changed in after, OTHER_TEXT in after.get(changed, ""), deleted in after
        found = Phrase("trial.edited", put=kind_of(put), kept=yes(kept), new=yes(new), gone=gone.code, left=yes(left),
                       ids=len(set(after) - before))  # fmt: skip
        yield judged("trial.edits", kept and new and not left and set(after) <= before, found)

    def upload(self) -> Iterator[Finding]:
        fields = {"content": TEXT, "user_id": self.kit.user}
        files = [FileUpload("test.txt", io.BytesIO(CONTENT), "text/plain")]
        sent = self.desk.add_message(self.kit.there(), fields, files)
        came = self._downloaded(sent) if sent.attachments else plain(NOTHING)
        found = Phrase("trial.uploaded_there", count=len(sent.attachments), came=came)
        yield judged("trial.case_upload", len(sent.attachments) == 1 and came == SENT, found)

    def _downloaded(self, sent: Message) -> Phrase:
        try:
            with self.desk.download(sent.attachments[0].url) as answer:
                got = answer.raw.read(LARGEST, decode_content=True)
        except Failure as failure:
            return plain(failed(failure))
        except requests.RequestException as error:
            return plain(type(error).__name__)
        return came_back(got)

    def status(self) -> Iterator[Finding]:
        case = self.kit.there()
        shown = []
        for wanted in ("waiting", "closed"):
            try:
                status = name(self.desk.update_case(case, {"status": wanted}).status)
                shown.append(plain(f"{wanted}: {status}"))
            except Refused as refusal:
                why = f"{refusal.params.get('code', '')} {name(refusal.value)}"
                shown.append(Phrase("trial.status_refused", status=wanted, why=why))
        self._write(user_id=self.kit.user)
        status = self.desk.case(case).status
        right = shown == [plain("waiting: waiting"), plain("closed: closed")]
        yield judged("trial.status", right, join([*shown, Phrase("trial.after_message", status=name(status))]))

    def history(self) -> Iterator[Finding]:
        """Who is named for the changes of status that were just made: the API key's employee, or another of ours."""
        answer = self.desk.ask("GET", f"cases/{self.kit.there()}/changelog")
        if not answer.succeeded:
            yield judged("trial.history", None, Phrase("trial.refused", why=kind_of(answer)))
            return
        changes = models.status_changes(answer.document)
        ours = {f"staff_{one.staff_id}" for one in self.kit.context.account.staff()}
        by_us = sum(one.by in ours for one in changes)
        others = names(one.by.rstrip("0123456789") for one in changes if one.by not in ours)
        readable = bool(changes) and all(one.at and one.status for one in changes)
        found = Phrase("trial.changes", count=len(changes), by_us=by_us, others=others)
        yield judged("trial.history", readable and by_us > 0, found)

    def rate(self) -> Iterator[Finding]:
        if not self.kit.desk_reply:
            raise Missing(Phrase("trial.the_answer"))
        level = self.kit.context.settings.rating_level(GOOD) or "high"
        try:
            self.desk.rate_message(self.kit.there(), self.kit.desk_reply, level)
        except Refused as refusal:
            yield judged("trial.case_rating", False, Phrase("trial.refused", why=name(refusal.value)))
            return
        kept = [one.rating for one in self.desk.messages(self.kit.there()) if one.message_id == self.kit.desk_reply]
        there = bool(kept and kept[0])
        yield judged("trial.case_rating", there, Phrase("trial.rating_kept", kept=yes(there)))

    def spam(self) -> Iterator[Finding]:
        kit, case = self.kit, self.kit.there()
        if not kit.made.users:
            raise Missing(Phrase("trial.the_client"))
        marked = self.desk.ask("PUT", f"cases/{case}/spam", {})
        flag = self.desk.case(case).spam
        blocked = not self.desk.user_is_active(kit.user)
        takes = self._takes()
        second = self.desk.create_case(self._new())
        kit.made.cases.add(second.case_id)
        restored = self.desk.ask("PUT", f"users/{kit.user}/restore", {})
        active = self.desk.user_is_active(kit.user)
        back = self.desk.ask("PUT", f"cases/{case}/restore", {})
        again = not self.desk.case(case).spam
        found = Phrase("trial.spam_case", answer=kind_of(marked), marked=yes(flag), blocked=yes(blocked), takes=takes,
                       second=yes(second.spam), unblock=kind_of(restored), active=yes(active), restore=kind_of(back),
                       again=yes(again))  # fmt: skip
        yield judged("trial.spam", flag and active and again, found)

    def _takes(self) -> Phrase:
        """Whether the case takes a message of its client."""
        try:
            self._write(user_id=self.kit.user)
        except Refused as refusal:
            return join([yes(False), plain(name(refusal.value))], ", ")
        return yes(True)

    def trash(self) -> Iterator[Finding]:
        case = self.kit.there()
        moved = self.desk.ask("PUT", f"cases/{case}/trash", {})
        flag = self.desk.case(case).deleted
        found = Phrase("trial.trash_case", answer=kind_of(moved), marked=yes(flag), takes=self._takes())
        yield judged("trial.trash", flag, found)

    def delete(self) -> Iterator[Finding]:
        """The last step: how a case that does not exist any more answers, which is known by 400 and by 404."""
        case = self.kit.there()
        deleted = self.desk.ask("DELETE", f"cases/{case}")
        message: Mapping[str, Any] = {"message": {"content": TEXT, "user_id": self.kit.user}}
        answers = {
            "case": self.desk.ask("GET", f"cases/{case}"),
            "messages": self.desk.ask("GET", f"cases/{case}/messages"),
            "message": self.desk.ask("POST", f"cases/{case}/messages", message),
        }
        right = deleted.code < 300 and all(one.code in (400, 404) for one in answers.values())
        shown = {what: kind_of(answer) for what, answer in answers.items()}
        yield judged("trial.deleted", right, Phrase("trial.deleted_case", code=deleted.code, **shown))
