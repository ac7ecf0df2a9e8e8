"""What the pages say in a language: labels are looked up where the pages have them from."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.omnidesk.web.words import word
from sandbox.world import World


@dataclass(frozen=True)
class Texts:
    """``panel("omnidesk.settings", "url")`` is a message of a function, ``desk("api_key")`` a word of Omnidesk's."""

    world: World
    lang: str

    def panel(self, func: str, name: str) -> str:
        """KeyError for one that is not translated."""
        return self.world.panel.descriptions.messages(func, self.lang)[name]

    def frame(self, name: str) -> str:
        """A word of the panel's own frame."""
        return self.panel("frame", name)

    def settings(self, name: str) -> str:
        """A label of the settings form."""
        return self.panel("omnidesk.settings", name)

    def desk(self, name: str) -> str:
        return word(self.lang, name)
