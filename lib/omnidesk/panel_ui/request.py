"""What the panel asks of a function: the request's parameters, who asks, and in which language.

The panel passes parameters as environment variables ``PARAM_<name>`` and the user's level as ``AUTH_LEVEL``
(documented: 30 root, 29 administrators and employees, 16 clients).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

ADMINISTRATOR = 29
ROOT = 30
_PREFIX = "PARAM_"


@dataclass(frozen=True)
class Request:
    """One call of a function. ``language`` is ``ru`` or ``en``; ``base`` the panel's address as browsers see it.

    ``params`` are shown nowhere: they hold keys and secrets.
    """

    func: str
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    level: int = 0
    language: str = "ru"
    base: str = ""
    user: str = ""  # as AUTH_USER says it

    def value(self, name: str) -> str:
        """A parameter without blanks around it; "" when absent."""
        return self.params.get(name, "").strip()

    def has(self, name: str) -> bool:
        """Whether the form sent this field at all."""
        return name in self.params

    @property
    def submitted(self) -> bool:
        """The form is to be saved, not only shown (documented: ``sok=ok``)."""
        return self.value("sok") == "ok"

    @property
    def changed_field(self) -> str:
        """The field whose change made the panel send the form again (``sv_field``), "" otherwise."""
        return self.value("sv_field")

    def pressed(self, buttons: Collection[str]) -> str:
        """Which of the form's own buttons was pressed, "" for none.

        One that asks for the form again says so in ``sv_field``, one that submits it in ``clicked_button`` (both seen
        of the panel's own ticket form, which plugins hear of either way).
        """
        found = (self.changed_field, self.value("clicked_button"))
        return next((name for name in found if name in buttons), "")

    @property
    def by_page(self) -> bool:
        """The panel's own page asks, which can show a whole form again; a program looks for ``<error>`` (seen)."""
        return self.value("sfrom") == "ajax" or self.value("out") == "xjson"

    @property
    def elements(self) -> list[str]:
        """The rows acted on: ``elid`` holds one key or several, joined by a comma and a blank (documented)."""
        return [part for part in (one.strip() for one in self.value("elid").split(",")) if part]


def from_environment(environment: Mapping[str, str], language: str = "", base: str = "") -> Request:
    """The request of this process. ``language`` and ``base`` are what the session document says of them."""
    params = {name[len(_PREFIX) :]: value for name, value in environment.items() if name.startswith(_PREFIX)}
    level = environment.get("AUTH_LEVEL", "")
    spoken = params.get("lang") or language
    return Request(
        func=params.get("func", ""),
        params=params,
        level=int(level) if level.isascii() and level.isdigit() and len(level) < 4 else 0,
        language="en" if spoken and not spoken.startswith("ru") else "ru",
        base=base,
        user=environment.get("AUTH_USER", ""),
    )
