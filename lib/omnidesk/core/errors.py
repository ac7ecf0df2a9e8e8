"""What can go wrong, named once: a type, its parameters, and what the worker does about it.

The panel shows errors as ``<error type= object=>`` with localised text, a person reads a sentence and its fix, the
worker looks at the class. Texts in both languages are in :mod:`omnidesk.wording.error_texts`, keyed by the type.
"""

from __future__ import annotations

import errno

from omnidesk.core.phrase import TEXTS, Phrase, plain


def system_words(error: BaseException) -> Phrase:
    """What the operating system says of a failure, in the reader's language where that is known."""
    key = f"system.{errno.errorcode.get(getattr(error, 'errno', None) or 0, '')}"
    return Phrase(key) if key in TEXTS else plain(getattr(error, "strerror", None) or type(error).__name__)


class Failure(Exception):
    """A failure this module knows.

    ``type`` is one of the keys of :data:`omnidesk.wording.error_texts.TEXTS`; ``object`` names what it is about (a
    setting, a custom field's key, a panel function), ``value`` the offending value or the other side's own words.
    Neither may hold a secret. ``params`` are further values for the text. ``phrase``: the failure in words.
    ``uncertain``: the other side may have carried the call out although no answer came.
    """

    uncertain = False

    def __init__(self, type: str, object: str = "", value: str | Phrase = "", **params: object) -> None:
        self.type = type
        self.object = object
        self.params = {name: str(given) for name, given in params.items()}
        # A number stays one: how it is written depends on the reader's language.
        said = {name: given if isinstance(given, float) else str(given) for name, given in params.items()}
        self.phrase = Phrase(type, object=object, value=value, **said)
        super().__init__(type, object, value)

    @property
    def value(self) -> str:
        """The offending value or the other side's own words; what this module says of it, in English."""
        return str(self.phrase.params["value"])

    @property
    def words(self) -> str | Phrase:
        """The same for the text of another failure: what this module says stays in the reader's language."""
        given = self.phrase.params["value"]
        return given if isinstance(given, Phrase) else str(given)

    def __str__(self) -> str:
        return str(self.phrase)


class Misconfigured(Failure):
    """The administrator has to fix something; until then no run can work at all."""


class Paused(Failure):
    """The whole account or the whole panel refuses for now: stop the run, resume by itself after ``seconds``."""

    def __init__(
        self, type: str, object: str = "", value: str | Phrase = "", *, seconds: float, **params: object
    ) -> None:
        super().__init__(type, object, value, seconds=round(seconds), **params)
        self.seconds = seconds


class TryLater(Failure):
    """This ticket failed for a passing reason; other tickets go on. Tried again with growing pauses."""

    def __init__(
        self, type: str, object: str = "", value: str | Phrase = "", *, uncertain: bool = False, **params: object
    ) -> None:
        super().__init__(type, object, value, **params)
        self.uncertain = uncertain


class Refused(Failure):
    """The other side understood and said no to this very item; saying it again will not help."""


class OnHold(Refused):
    """Trying again cannot help until somebody has acted on the other side: the ticket is set aside at once."""


class Gone(Refused):
    """The thing addressed does not exist on the other side (any more), by that side's own explicit word."""
