"""Write the texts of the panel's error messages into the plugin description, from lib/omnidesk/error_texts.py.

The panel looks for ``msg_error_<type>`` when it shows an error of the module's; so there is one table, and what stands
between the two markers of each language is generated. Run with ``--check`` it only says whether that is up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

SOURCES = Path(__file__).resolve().parent.parent
PLUGIN_XML = SOURCES / "etc/xml/billmgr_mod_omnidesk.xml"
LANGUAGES = ("ru", "en")
BEGIN = "<!-- begin of the error texts: written from lib/omnidesk/error_texts.py, a test compares -->"
END = "<!-- end of the error texts -->"

sys.path.insert(0, str(SOURCES / "lib"))

from omnidesk.error_texts import panel_messages  # noqa: E402  found through the line above


def block(language: str, indent: str) -> str:
    """The generated lines of one language."""
    rows = (f"<msg name={quoteattr(name)}>{escape(text)}</msg>" for name, text in panel_messages(language))
    return "".join(f"{indent}{row}\n" for row in rows)


def written(description: str) -> str:
    """The description with the texts of today between the markers."""
    for language in LANGUAGES:
        start = description.index(BEGIN, description.index(f'<lang name="{language}">'))
        indent = description[description.rindex("\n", 0, start) + 1 : start]
        after = description.index("\n", start) + 1
        end = description.index(END, after)
        description = description[:after] + block(language, indent) + indent + description[end:]
    return description


def main() -> int:
    """Write, or with ``--check`` compare; 1 when the file is not up to date."""
    before = PLUGIN_XML.read_text(encoding="utf-8")
    after = written(before)
    if "--check" in sys.argv[1:]:
        if before != after:
            print(f"{PLUGIN_XML.relative_to(SOURCES)} is out of date: python scripts/error_texts.py", file=sys.stderr)
        return int(before != after)
    PLUGIN_XML.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
