"""What surrounds every page: menu, tabs, language, person; and the templates."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.billmanager.descriptions import MenuNode
from sandbox.billmanager.web.visitor import LANGUAGES, Visitor
from sandbox.billmanager.web.wire import WebResponse, page

_HERE = Path(__file__).parent
_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu; ``current``: its page, or one that belongs to it, is open."""

    label: str
    address: str
    current: bool
    children: tuple[MenuItem, ...] = ()


def render(template: str, visitor: Visitor, **values: Any) -> str:
    """A template with what all of them need."""
    words = visitor.words()
    return _templates.get_template(template).render(
        lang=visitor.lang, visitor=visitor, words=words, word=visitor.word, assets=_stamp(), **values
    )


def framed(
    template: str, visitor: Visitor, title: str, here: str, func: str = "", status: int = 200, **values: Any
) -> WebResponse:
    """A whole page of a person; ``here`` is its own address, kept when the language changes."""
    menu = menu_of(visitor, func)
    tabs = next((node for node in menu if node.current and len(node.children) > 1), None)
    broken = {} if visitor.is_client else dict(visitor.panel.event_system.plugins.broken)
    html = render(
        template, visitor, title=title, menu=menu, tabs=tabs, func=func, languages=languages(visitor, here),
        broken=broken, here=here, **values,
    )  # fmt: skip
    return page(html, status)


def failure(visitor: Visitor, text: str, here: str, func: str = "", status: int = 422, back: str = "") -> WebResponse:
    """A page that says only what went wrong."""
    title = visitor.word("error_title")
    return framed("failure.html", visitor, title, here, func, status, text=text, back=back or visitor.path(""))


def languages(visitor: Visitor, here: str) -> list[tuple[str, str, str, bool]]:
    """(code, name, address, whether it is the present one) of each language."""
    switched = []
    for code, name in LANGUAGES.items():
        address = here.replace(f"lang={visitor.lang}", f"lang={code}", 1)
        switched.append((code, name, address, code == visitor.lang))
    return switched


def menu_of(visitor: Visitor, func: str) -> tuple[MenuItem, ...]:
    """The person's menu with what is open marked."""
    labels = visitor.words("desktop")
    actions: list[str] = []

    def collect(nodes: list[MenuNode]) -> None:
        for node in nodes:
            actions.append(node.action)
            collect(node.children)

    nodes = visitor.panel.descriptions.menu(visitor.actor.level)
    collect(nodes)
    # A form that is in no menu belongs to the list whose name it continues, as x.edit does to x.
    fitting = [action for action in actions if action and (func == action or func.startswith(action + "."))]
    current = max(fitting, key=len, default="")

    def item(node: MenuNode) -> MenuItem:
        children = tuple(item(child) for child in node.children)
        here = bool(node.action) and node.action == current
        label = labels.get(f"menu_{node.name}") or node.name
        address = visitor.function(node.action) if node.action else ""
        return MenuItem(label, address, here or any(child.current for child in children), children)

    return tuple(item(node) for node in nodes)


def home(visitor: Visitor) -> str:
    """The function a person's first page shows: the first one of the menu."""

    def first(nodes: list[MenuNode]) -> str:
        for node in nodes:
            if found := node.action or first(node.children):
                return found
        return ""

    return first(visitor.panel.descriptions.menu(visitor.actor.level))


@lru_cache(maxsize=1)
def _stamp() -> str:
    """Part of the static files' addresses, so that a browser may keep them for ever."""
    content = b"".join(file.read_bytes() for file in sorted((_HERE / "static").iterdir()))
    return hashlib.sha256(content).hexdigest()[:10]


def static(name: str) -> WebResponse | None:
    """A file of ``static/``."""
    if name not in {file.name for file in (_HERE / "static").iterdir()}:
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = (("Content-Type", f"{kind}; charset=UTF-8"), ("Cache-Control", "max-age=31536000, immutable"))
    return WebResponse(200, (_HERE / "static" / name).read_bytes(), headers)
