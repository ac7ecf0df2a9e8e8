"""The steps in Omnidesk: a case of a client of the trial's own in the test channel, until it is deleted."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from omnidesk.core.errors import Failure, Refused
from omnidesk.core.ratings import GOOD
from omnidesk.helpdesk import models
from omnidesk.helpdesk.connection import FileUpload
from omnidesk.helpdesk.error_answers import Answer
from omnidesk.helpdesk.models import Message
from omnidesk.probe.findings import Finding, judged, name, names
from omnidesk.probe.trial.kit import OTHER_TEXT, TEXT, Kit, Missing
from omnidesk.probe.trial.panel_steps import CONTENT, LARGEST, failed, yes


def kind_of(answer: Answer) -> str:
    """The code of an answer, and what its body is."""
    if answer.word:
        return f"{answer.code} {name(answer.word)}"
    if answer.spoke:
        return f"{answer.code} JSON"
    kind = "no body" if not answer.body.strip() else "HTML" if b"<" in answer.body[:200] else "no JSON"
    return f"{answer.code} {kind}"


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
            f"status {name(by_id)}; read by number: {yes(by_number)}; listed by its client: {yes(listed)}",
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
        kinds = Counter(name(one.message_type) if one.message_type else "none" for one in rows)
        bodies = {"content_html" if one.content_html else "content" for one in rows}
        right = len(rows) == 3 and rows[0].user_id == kit.user and rows[1].staff_id == kit.people.staff_id
        yield judged(
            "trial.messages",
            right and grows,
            f"{len(rows)} messages, ids grow: {yes(grows)}; after staff's: status {name(after.status)}, assigned to the"
            f" author: {yes(assigned)}; after the client's: status {name(status)}; types {', '.join(sorted(kinds))};"
            f" texts in {', '.join(sorted(bodies))}",
        )

    def note(self) -> Iterator[Finding]:
        self.desk.add_note(self.kit.there(), {"content": TEXT, "staff_id": self.kit.people.staff_id})
        rows = self.desk.messages(self.kit.there())
        yield judged("trial.case_note", bool(rows) and rows[0].note, f"marked as a note: {yes(rows and rows[0].note)}")

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
        yield judged(
            "trial.edits",
            kept and new and not left and set(after) <= before,
            f"changed: {kind_of(put)}, id kept: {yes(kept)}, new text: {yes(new)}; deleted: {gone.code},"
            f" still in the thread: {yes(left)}; new ids: {len(set(after) - before)}",
        )

    def upload(self) -> Iterator[Finding]:
        fields = {"content": TEXT, "user_id": self.kit.user}
        files = [FileUpload("test.txt", io.BytesIO(CONTENT), "text/plain")]
        sent = self.desk.add_message(self.kit.there(), fields, files)
        came = self._downloaded(sent) if sent.attachments else "nothing"
        found = f"{len(sent.attachments)} files; downloaded: {came}"
        yield judged("trial.case_upload", len(sent.attachments) == 1 and came == "content", found)

    def _downloaded(self, sent: Message) -> str:
        try:
            with self.desk.download(sent.attachments[0].url) as answer:
                got = answer.raw.read(LARGEST, decode_content=True)
        except Failure as failure:
            return failed(failure)
        except requests.RequestException as error:
            return type(error).__name__
        return "content" if got == CONTENT else "something else"

    def status(self) -> Iterator[Finding]:
        case = self.kit.there()
        shown = []
        for wanted in ("waiting", "closed"):
            try:
                shown.append(f"{wanted}: {name(self.desk.update_case(case, {'status': wanted}).status)}")
            except Refused as refusal:
                shown.append(f"{wanted}: refused, {refusal.params.get('code', '')} {name(refusal.value)}")
        self._write(user_id=self.kit.user)
        status = self.desk.case(case).status
        right = shown == ["waiting: waiting", "closed: closed"]
        yield judged("trial.status", right, f"{'; '.join(shown)}; after the client's message: {name(status)}")

    def history(self) -> Iterator[Finding]:
        """Who is named for the changes of status that were just made: the API key's employee, or another of ours."""
        answer = self.desk.ask("GET", f"cases/{self.kit.there()}/changelog")
        if not answer.succeeded:
            yield judged("trial.history", None, f"refused: {kind_of(answer)}")
            return
        changes = models.status_changes(answer.document)
        ours = {f"staff_{one.staff_id}" for one in self.kit.context.account.staff()}
        by_us = sum(one.by in ours for one in changes)
        others = names(one.by.rstrip("0123456789") for one in changes if one.by not in ours)
        readable = bool(changes) and all(one.at and one.status for one in changes)
        found = f"{len(changes)} changes, {by_us} by staff_ID of an employee; others by {others}"
        yield judged("trial.history", readable and by_us > 0, found)

    def rate(self) -> Iterator[Finding]:
        if not self.kit.desk_reply:
            raise Missing("answer")
        level = self.kit.context.settings.rating_level(GOOD) or "high"
        try:
            self.desk.rate_message(self.kit.there(), self.kit.desk_reply, level)
        except Refused as refusal:
            yield judged("trial.case_rating", False, f"refused: {name(refusal.value)}")
            return
        kept = [one.rating for one in self.desk.messages(self.kit.there()) if one.message_id == self.kit.desk_reply]
        yield judged("trial.case_rating", bool(kept and kept[0]), f"rating kept: {yes(kept and kept[0])}")

    def spam(self) -> Iterator[Finding]:
        kit, case = self.kit, self.kit.there()
        if not kit.made.users:
            raise Missing("client of its own")
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
        yield judged(
            "trial.spam",
            flag and active and again,
            f"{kind_of(marked)}; marked: {yes(flag)}; client blocked: {yes(blocked)}; takes messages: {takes};"
            f" a new case is in spam: {yes(second.spam)}; unblocked: {kind_of(restored)}, {yes(active)};"
            f" restored: {kind_of(back)}, {yes(again)}",
        )

    def _takes(self) -> str:
        """Whether the case takes a message of its client."""
        try:
            self._write(user_id=self.kit.user)
        except Refused as refusal:
            return f"no, {name(refusal.value)}"
        return "yes"

    def trash(self) -> Iterator[Finding]:
        case = self.kit.there()
        moved = self.desk.ask("PUT", f"cases/{case}/trash", {})
        flag = self.desk.case(case).deleted
        yield judged("trial.trash", flag, f"{kind_of(moved)}; marked: {yes(flag)}; takes messages: {self._takes()}")

    def delete(self) -> Iterator[Finding]:
        """The last step: how a case that does not exist any more answers, which is known by 400 and by 404."""
        case = self.kit.there()
        deleted = self.desk.ask("DELETE", f"cases/{case}")
        message: Mapping[str, Any] = {"message": {"content": TEXT, "user_id": self.kit.user}}
        answers = {
            "case": self.desk.ask("GET", f"cases/{case}"),
            "its messages": self.desk.ask("GET", f"cases/{case}/messages"),
            "a message for it": self.desk.ask("POST", f"cases/{case}/messages", message),
        }
        right = deleted.code < 300 and all(one.code in (400, 404) for one in answers.values())
        found = "; ".join(f"{what}: {kind_of(answer)}" for what, answer in answers.items())
        yield judged("trial.deleted", right, f"deleted: {deleted.code}; {found}")
