"""What each failure says, in both languages: what is wrong, and what to do about it.

Placeholders are ``{object}``, ``{value}`` and the failure's parameters. The panel's own texts (``msg_error_<type>`` in
etc/xml) are written from this table, and the documentation's list of errors is held against it by a test.
"""

from __future__ import annotations

from omnidesk.core.phrase import Text, register
from omnidesk.wording.errors_products import TEXTS as PRODUCTS
from omnidesk.wording.errors_set_up import TEXTS as SET_UP
from omnidesk.wording.errors_work import TEXTS as WORK

TEXTS: dict[str, Text] = {**SET_UP, **PRODUCTS, **WORK}
register(TEXTS)


def panel_type(type: str) -> str:
    """A failure's type as the panel knows it: error texts share one space of names with all modules and the panel."""
    return type if type.startswith("omnidesk_") else f"omnidesk_{type}"
