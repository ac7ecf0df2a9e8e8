"""The forms that link custom fields, as the panel calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.panel_ui.panel_calls import Answered, call, save_settings
from tests.support.workshop import Workshop

CATALOGUE = {
    "account": {"entity": "user", "name": "ID клиента", "sql": "SELECT account FROM user WHERE id = __id__"},
    "name": {"entity": "user", "name": "Имя", "sql": "SELECT realname FROM user WHERE id = __id__"},
    "subject": {"entity": "case", "name": "Тема", "sql": "SELECT name FROM ticket WHERE id = __id__"},
    "none": {"entity": "case", "name": "Пусто", "sql": "SELECT NULL FROM ticket WHERE id = __id__"},
    "flag": {"entity": "case", "name": "Флаг", "sql": "SELECT id > 0 FROM ticket WHERE id = __id__"},
    "long": {"entity": "case", "name": "Длинное", "sql": "SELECT REPEAT('x', 300)"},
    "both": {"entity": "case", "name": "Оба", "sql": "SELECT 'vip,new'"},
    "writes": {"entity": "case", "name": "Пишет", "sql": "DELETE FROM ticket"},
    "no_table": {"entity": "case", "name": "Нет таблицы", "sql": "SELECT a FROM nowhere"},
}


class FieldsForm:
    """The calls of one form of a module that is set up with :data:`CATALOGUE`, and the file they end in."""

    def __init__(self, workshop: Workshop, name: str) -> None:
        save_settings(workshop)
        Path(workshop.paths.catalogue).write_text(json.dumps(CATALOGUE), encoding="utf-8")
        self.workshop = workshop
        self.name = name
        self.file = Path(workshop.paths.field_links)

    def open(self, language: str = "ru", **params: Any) -> Answered:
        return call(self.workshop, self.name, language=language, **params)

    def save(self, **params: Any) -> Answered:
        return call(self.workshop, self.name, sok="ok", clicked_button="ok", **params)

    def links(self) -> list[dict[str, str]]:
        return json.loads(self.file.read_text(encoding="utf-8")) if self.file.exists() else []
