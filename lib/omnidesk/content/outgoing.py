"""BILLmanager's Markdown as Omnidesk takes it: plain ``content``, or ``content_html`` where plain text would not do."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from omnidesk.content import dialect, marks, urls
from omnidesk.content.block_markup import judged
from omnidesk.core.text import clean

# In plain content this might be taken for markup by who shows it; in HTML it can be written without doubt.
_DOUBTFUL = re.compile(r"<[A-Za-z/!?]|&(?:#[0-9xX]|[A-Za-z][A-Za-z0-9]{1,31};)")

MOST_LINES = 30_000  # of Markdown; nobody formats that much, and rendering it would take long


@dataclass(frozen=True)
class Body:
    """A message's text for Omnidesk. Exactly one of the two is filled, as in what Omnidesk answers (seen live)."""

    content: str = ""
    content_html: str = ""

    def fields(self) -> dict[str, str]:
        """The request's fields."""
        return {"content_html": self.content_html} if self.content_html else {"content": self.content}


def body(parts: Iterable[tuple[str, bool]], *, formatting: bool) -> Body:
    """The message made of ``parts``, each (text, whether it is a person's Markdown or literal words of the module)."""
    texts = [(marks.free(clean(text)).strip(), written) for text, written in parts]
    plain = "\n\n".join(text for text, _ in texts)
    if not formatting:
        return Body(plain)
    rich, blocks = bool(_DOUBTFUL.search(plain)), []
    for text, written in texts:
        if written:
            found = judged(text)
            rich = rich or found.rich
            blocks.append("\n".join(found.lines))
        else:
            blocks.append("\n".join(marks.hide(line.strip()) for line in text.split("\n")))
    if not rich:
        return Body(plain)
    markdown = "\n\n".join(blocks)
    if markdown.count("\n") > MOST_LINES:
        return Body(content_html=_unformatted(plain)) if _DOUBTFUL.search(plain) else Body(plain)
    return Body(content_html=rendered(markdown))


def _unformatted(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>".replace("\n", "<br>\n")


def rendered(markdown: str) -> str:
    """HTML of judged Markdown: nothing in it is more than the allowed elements."""
    parser = dialect.parser()
    tokens = parser.parse(markdown, {})
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = list(_without_images(token.children))
            for child in token.children:
                child.tag = "del" if child.tag == "s" else child.tag
    markup = marks.show_in_html(parser.renderer.render(tokens, parser.options, {}))
    return dialect.sanitised(markup).strip()


def _without_images(children: list[Any]) -> Iterable[Any]:
    """Images become links, whatever their address: an agent's browser would request it, with the agent's cookies."""
    within = 0
    for child in children:
        within += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type != "image":
            yield child
            continue
        yield from _as_link(child, str(child.attrs.get("src", "")), within > 0)


def _as_link(image: Any, address: str, within: bool) -> Iterable[Any]:
    from markdown_it.token import Token

    text = Token("text", "", 0, content=image.content or marks.hide(address))
    if within or not urls.may_link(address):
        return [text]
    return [Token("link_open", "a", 1, attrs={"href": address}), text, Token("link_close", "a", -1)]
