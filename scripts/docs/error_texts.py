"""Write what each failure says into the plugin description and the pages of errors, from the module's own tables.

The panel looks for ``msg_error_<type>`` when it shows an error of the module's, and docs/errors*.md lists the same
sentences. So there is one table of failures (lib/omnidesk/wording/error_texts.py) and one of custom fields' problems
(lib/omnidesk/wording/field_texts.py), and what stands between the markers of these files is generated. Run with
``--check`` it only says whether that is up to date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from generated import SOURCES, between, write

PLUGIN_XML = SOURCES / "etc/xml/billmgr_mod_omnidesk.xml"
PAGES = {"en": SOURCES / "docs/errors.md", "ru": SOURCES / "docs/errors.ru.md"}
LANGUAGES = ("ru", "en")
BEGIN = "<!-- begin of the error texts: written from lib/omnidesk/wording/error_texts.py, a test compares -->"
END = "<!-- end of the error texts -->"
FIELDS_BEGIN = "<!-- begin of the problems of custom fields: written from lib/omnidesk/wording/field_texts.py -->"
FIELDS_END = "<!-- end of the problems of custom fields -->"

sys.path.insert(0, str(SOURCES / "lib"))

from omnidesk.core.phrase import Text  # noqa: E402  found through the line above
from omnidesk.wording.error_texts import TEXTS, panel_type  # noqa: E402
from omnidesk.wording.field_texts import TEXTS as FIELD_TEXTS  # noqa: E402


def plugin_description(document: str) -> str:
    """The plugin description with the texts of today."""
    for language in LANGUAGES:
        rows = (f"<msg name={quoteattr(name)}>{escape(text)}</msg>" for name, text in panel_messages(language))
        content = "".join(f"      {row}\n" for row in rows)
        document = between(document, BEGIN, END, content, document.index(f'<lang name="{language}">'))
    return document


def panel_messages(language: str) -> list[tuple[str, str]]:
    """(name, text) of the panel's ``msg_error_*`` texts; its placeholders are ``__name__``."""
    found = []
    for type, text in TEXTS.items():
        words = text.full(language)
        for name in ("object", "value", "seconds"):
            words = words.replace("{" + name + "}", f"__{name}__")
        found.append((f"msg_error_{panel_type(type)}", words.replace("\n", " ")))
    return found


def page(document: str, language: str) -> str:
    """A page of errors with the tables of today."""
    document = between(document, BEGIN, END, table(TEXTS.items(), language))
    return between(document, FIELDS_BEGIN, FIELDS_END, table(FIELD_TEXTS.items(), language))


def table(rows: Iterable[tuple[str, Text]], language: str) -> str:
    """A Markdown table: the type, what it says, what to do."""
    heads = ("Type", "Says", "Do") if language == "en" else ("Тип", "Текст", "Что делать")
    lines = [f"| {' | '.join(heads)} |", "|---|---|---|"]
    for name, text in rows:
        lines.append(f"| `{name}` | {_cell(text.of(language))} | {_cell(text.cure(language))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """A sentence as a table's cell; placeholders in italics."""
    plain = text.replace("\n", " ").replace("|", "\\|").replace("_", "\\_").replace("*", "\\*").replace("<", "&lt;")
    return re.sub(r"\{(\w+)\}", r"*\1*", plain.replace("\\_}", "_}"))


def main() -> int:
    """Write, or with ``--check`` compare; 1 when a file is not up to date."""
    made = [(PLUGIN_XML, plugin_description(PLUGIN_XML.read_text(encoding="utf-8")))]
    made += [(path, page(path.read_text(encoding="utf-8"), language)) for language, path in PAGES.items()]
    return write(made)


if __name__ == "__main__":
    sys.exit(main())
