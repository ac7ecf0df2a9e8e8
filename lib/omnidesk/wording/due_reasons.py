"""Why the module itself makes a ticket due (``Queue.make_due``); a ticket's row holds the key."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

TEXTS = {
    "event": Text("event in BILLmanager", "событие в BILLmanager"),
    "webhook": Text("webhook from Omnidesk", "вебхук Омнидеска"),
    "early_webhook": Text("webhook before the case was linked", "вебхук Омнидеска"),
    "changed": Text("changed in Omnidesk", "изменилось в Омнидеске"),
    "merged": Text("merged in Omnidesk", "изменилось в Омнидеске"),
    "started": Text("case opened by staff", "обращение создано сотрудником"),
    "restored": Text("case restored", "изменилось в Омнидеске"),
    "adopted": Text("new since the adoption", "изменилось в Омнидеске"),
    "unblocked": Text("client unblocked", "изменилось в Омнидеске"),
    "status": Text("status changed", "изменилось в BILLmanager"),
    "assignee": Text("somebody else has it", "изменилось в BILLmanager"),
    "priority": Text("another priority", "изменилось в BILLmanager"),
    "messages": Text("new messages", "изменилось в BILLmanager"),
    "moved": Text("messages were moved", "изменилось в BILLmanager"),
    "notes": Text("new notes", "изменилось в BILLmanager"),
    "rating": Text("a rating", "изменилось в BILLmanager"),
    "recheck": Text("recheck", "повторная проверка"),
    "unblocking": Text("check whether the client is unblocked", "повторная проверка"),
    "command": Text("by command", "по команде"),
    "released": Text("hold released", "по команде"),
    "refused": Text("refused before", "по команде"),
    "retry": Text("retry", "по команде"),
    "import": Text("import", "импорт"),
}
register(TEXTS, "due")
