"""Random HTML of the kind that breaks converters: for the tests, for ``make fuzz`` and for tests/net.py.

``fragment(seed)`` is the same text for the same seed on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable

WORDS = (
    "слово",
    "word",
    "a",
    "x",
    "1",
    "script",
    "javascript",
    "b_c",
    "snake_case",
    "2 * 3",
    "",
    " ",
    "\n",
    "\n\n",
    "\t",
    "код",
    "server {",
    "listen 80;",
    "<",
    ">",
    "&",
    "*",
    "_",
    "`",
    "```",
    "~~~",
    "[",
    "]",
    "(",
    ")",
    "](",
    "![",
    "!",
    "\\",
    "|",
    "#",
    "# ",
    "- ",
    "+ ",
    "* ",
    "1. ",
    "1) ",
    "> ",
    "---",
    "===",
    "|---|---|",
    "--",
    ":",
    "://",
    "&amp;",
    "&lt;",
    "&gt;",
    "&lt;script&gt;",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&lt;!--",
    "--&gt;",
    "&amp;lt;b&amp;gt;",
    "&#60;b&#62;",
    "&nbsp;",
    "&nbsp;&nbsp;&nbsp;&nbsp;",
    "&#10;",
    "&#13;",
    "&#8232;",
    "&#x85;",
    "&colon;",
    "&NewLine;",
    "&Tab;",
    "&lpar;",
    "&rbrack;",
    "&#92;",
    "&#96;",
    "&grave;",
    "&excl;",
    "&lbrack;",
    "https://a.example",
    "https://a.example!",
    "http://a_b.example/*x*?q=[1]",
    "ftp://x/",
    "javascript:alert(1)",
    "mailto:x@y.example",
    "x@y.example",
    "www.x.example",
    "<https://x.example>",
    "[a](javascript:alert(1))",
    "![p](https://evil.example/p.gif)",
    "[r]: javascript:alert(1)",
    "[r]",
    "alert(1)",
    "fetch('//evil')",
    "/script",
    "img src=x onerror=alert(1)",
    "!--",
    "?php",
    "![CDATA[",
    "a](javascript:x) [b",
)
ODD = (
    "\u200b",
    "\u200d",
    "\u202e",
    "\u2066",
    "\u2028",
    "\u2029",
    "\x0b",
    "\x0c",
    "\x85",
    "\u00a0",
    "\ufeff",
    "\ufdd0",
    "\ufdd5",
    "\U0001fffe",
    "\U0002ffff",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\u3000",
    "＜script＞",
    "﹤b﹥",
    "e\u0301",
    "🙂",
    "👩‍💻",
    "\u00ad",
    "ſcript",
    "K",
    "\r",
    "\r\n",
)
ADDRESSES = (
    "https://ok.example",
    "https://ok.example/",
    "HTTPS://OK.example/a_b*c?x=1&y=2#z",
    "http://x",
    "https://",
    "https:",
    "https:ok.example",
    "https:/ok.example",
    "//evil.example/x",
    "/user/logout",
    "files/1.png",
    "?a=b",
    "#top",
    "",
    " ",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "java&#10;script:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "jav\u200bascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "data:image/png;base64,AAAA",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "cid:image001.png@01D9",
    "file:///etc/passwd",
    "blob:https://x/1",
    "about:blank",
    "mailto:x@y.example",
    "mailto:x",
    "mailto:script",
    "mailto:/script",
    "mailto:",
    "mailto:a b",
    "mailto:x@y.example>",
    "mailto:!--",
    "mailto:?subject=a",
    "mailto:img/src=x/onerror=alert(1)",
    "tel:+7 (495) 1",
    "tel:script",
    "ftp://x/y",
    "https://ok.example/a b",
    "https://ok.example/)x",
    "https://ok.example/>x",
    "https://ok.example/<script>",
    "x:y",
    "https://ok.example/\\",
    'https://ok.example/"x',
    "https://ok.example/'x",
    "https://ok.example/`x",
    "https://[::1]/x",
    "https://ok.example/&lt;b&gt;",
    "https://ok.example/&amp;lt;b",
    "https://ok.example/[x](javascript:y)",
    "https://a@b/",
    "https://ok.example/\n\n<script>",
    "https://ok.example/]x",
    "https://ok.example/|x",
    "https://acme.omnidesk.ru/p.png",
    "https://acme.omnidesk.ru@evil.example/p.png",
    "http://acme.omnidesk.ru/p.png",
    "https://acme.omnidesk.ru:8443/p",
    "https://ok.example/" + "a" * 300,
    "https://xn--e1afmkfd.example/путь",
    "https://пример.рф/",
    "&#x1;https://ok.example",
    "view-source:javascript:x",
    "feed:javascript:x",
    "https://ok.example/\u2028x",
    "\u00a0https://ok.example",
)
INLINE = (
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "del",
    "strike",
    "u",
    "ins",
    "code",
    "kbd",
    "samp",
    "tt",
    "span",
    "font",
    "sub",
    "sup",
    "small",
    "big",
    "q",
    "cite",
    "abbr",
    "label",
    "button",
    "bdo",
    "ruby",
    "mark",
    "o:p",
    "x-y",
    "picture",
    "nobr",
)
BLOCK = (
    "p",
    "div",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "td",
    "th",
    "thead",
    "tbody",
    "caption",
    "h1",
    "h2",
    "h6",
    "center",
    "address",
    "header",
    "footer",
    "section",
    "figure",
    "figcaption",
    "fieldset",
    "legend",
    "details",
    "summary",
    "menu",
    "dir",
    "dialog",
    "form",
    "article",
    "xmp",
    "listing",
    "plaintext",
    "noscript",
    "hgroup",
)
DEAD = (
    "script",
    "style",
    "title",
    "template",
    "svg",
    "math",
    "textarea",
    "select",
    "option",
    "object",
    "iframe",
    "video",
    "audio",
    "noembed",
    "noframes",
    "head",
    "body",
    "html",
)
VOID = ("br", "hr", "img", "input", "wbr", "col", "embed", "source", "meta", "link", "area", "base", "br/")
STYLES = (
    "display:none",
    "display:block",
    "visibility:hidden",
    "mso-hide:all",
    "white-space:pre",
    "white-space:pre-wrap",
    "font-weight:bold",
    "font-weight:normal",
    "font-weight:700",
    "text-decoration:line-through",
    "font-style:italic",
    "font-size:0",
    "opacity:0",
    "width:1px;height:1px",
    "DISPLAY : NONE !important",
    "display:none;display:block",
    "x",
    ";:;",
    "background:url(javascript:x)",
    "font-family:'a;display:none'",
    "/*x*/display:/**/none",
    "display:inline",
)
ATTRIBUTES = (
    "hidden",
    "class=gmail_quote",
    "class=omni_orig_reply",
    "id=x",
    "onclick=alert(1)",
    "colspan=2",
    "colspan=1000",
    "rowspan=3",
    "rowspan=65535",
    "colspan=x",
    "start=5",
    "start=-1",
    "start=999999999999",
    "value=7",
    "value=0",
    "reversed",
    "type=cite",
    "width=1",
    "height='1'",
    "dir=rtl",
    "title='](javascript:x)'",
    "a'b=c",
    "=x",
    "/",
    "role=presentation",
    "open",
    'lang="<b>"',
)
DEEP = 60


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.left = self.random.choice((4, 12, 30, 80))

    def one(self, choices: tuple[str, ...]) -> str:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def address(self) -> str:
        found = self.one(ADDRESSES)
        return found + self.one(WORDS) if self.chance(0.1) else found

    def attributes(self, tag: str) -> str:
        found = []
        if tag == "a" or self.chance(0.02):
            found.append(f'href="{self.address()}"')
        if tag in ("img", "iframe", "video", "audio", "source", "embed"):
            found.append(f'src="{self.address()}"')
        if tag == "img" and self.chance(0.7):
            found.append(f'alt="{self.text()}"')
        if self.chance(0.2):
            found.append(f'style="{self.one(STYLES)}"')
        if self.chance(0.15):
            found.append(self.one(ATTRIBUTES))
        return "".join(f" {one}" for one in found)

    def text(self) -> str:
        pieces = []
        for _ in range(self.random.randrange(1, 5)):
            pieces.append(self.one(ODD) if self.chance(0.08) else self.one(WORDS))
        return self.one(("", "", " ")).join(pieces)

    def element(self, depth: int) -> str:
        tag = self.one(INLINE) if self.chance(0.45) else self.one(BLOCK) if self.chance(0.85) else self.one(DEAD)
        if self.chance(0.2):
            tag = "a"
        opening = f"<{tag}{self.attributes(tag)}>"
        closing = f"</{tag}>" if self.chance(0.85) else f"</{self.one(INLINE + BLOCK)}>" if self.chance(0.5) else ""
        return opening + self.content(depth + 1) + closing

    def odd(self) -> str:
        return self.one(
            (
                f"<!--{self.text()}-->",
                f"<!--{self.text()}",
                f"<![CDATA[{self.text()}]]>",
                f"<?{self.text()}?>",
                "<",
                "</",
                "<>",
                f"<!{self.text()}>",
                "</p>",
                "</div>",
                "</a>",
                "</pre>",
                "<a",
                f"<a href='{self.address()}'",
                "<img src=x",
                f"<{self.text()}>",
                "<!doctype html>",
                "<![if !mso]>",
                "<![endif]>",
                f"<b{self.text()}>",
                "<a href=>",
                "&",
                "&#",
            )
        )

    def content(self, depth: int) -> str:
        pieces = []
        for _ in range(self.random.randrange(1, 5)):
            self.left -= 1
            if self.left < 0 or depth > DEEP:
                pieces.append(self.text())
                break
            kind = self.random.random()
            if kind < 0.4:
                pieces.append(self.text())
            elif kind < 0.85:
                pieces.append(self.element(depth))
            elif kind < 0.95:
                tag = self.one(VOID)
                pieces.append(f"<{tag}{self.attributes(tag)}>")
            else:
                pieces.append(self.odd())
        return "".join(pieces)


# What once left raw HTML, a script's address or a stranger's picture in a ticket, with something else put in.
KNOWN: tuple[Callable[[_Maker], str], ...] = (
    lambda make: f'<a href="mailto:{make.text()}">{make.text()}</a>{make.text()}<a href="mailto:/script">/script</a>',
    lambda make: f'<a href="mailto:script">script</a>{make.text()}<a href="mailto:/script">/script</a>',
    lambda make: f'<a href="https://ok.example">a](javascript:alert(1)) {make.text()}[b</a>',
    lambda make: f'<img src="{make.address()}" alt="a](javascript:alert(1)) {make.text()}[b">',
    lambda make: f'{make.text()}!<img src="{make.address()}" alt="{make.text()}">',
    lambda make: f"<dt>{make.text()}<pre>{make.text()}</pre>{make.text()}",
    lambda make: f"{make.text()}<li>{make.text()}<pre>{make.text()}</pre>",
    lambda make: f"&gt; <sub>{make.text()}<pre>{make.text()}</pre></sub>{make.text()}",
    lambda make: f"<code>{make.text()}</code>{make.text()}<code>{make.text()}</code>",
    lambda make: f"<ol start={make.random.randrange(-2, 20)}><li>{make.text()}<ul><li>{make.content(0)}</ul><li>x</ol>",
    lambda make: f"<blockquote>{make.content(0)}</blockquote>{make.content(0)}",
    lambda make: f"<table><tr><th>a<th>b<tr><td>{make.content(0)}<td>{make.text()}</table>",
)


def fragment(seed: int) -> str:
    """One hostile text."""
    make = _Maker(seed)
    if make.chance(0.2):
        return make.random.choice(KNOWN)(make) + (make.content(0) if make.chance(0.3) else "")
    if make.chance(0.01):
        tag = make.one(INLINE + BLOCK)
        return f"<{tag}{make.attributes(tag)}>" * make.random.choice((50, 140, 160, 400)) + make.content(0)
    return make.content(0)


def long_shapes(size: int = 100_000) -> dict[str, str]:
    """Texts of about ``size`` characters that make a careless converter slow."""
    units = {
        "caption": "<caption>",
        "cells": "<td>x",
        "rows": "<tr><td>x<td>y",
        "tables": "<table>",
        "nested lists": "<ul><li>",
        "items": "<li>x",
        "divs": "<div>",
        "closed divs": "<div>x</div>",
        "bold": "<b>",
        "closed bold": "<b>x</b>",
        "links": '<a href="https://x.example/">y</a>',
        "bold and not": "<b>x</b><i>y</i>z",
        "entities": "&amp;",
        "numbers": "&#42;",
        "brackets": "[",
        "links typed": "[a](b) ",
        "asterisks": "*",
        "stars apart": "a * ",
        "underscores": "_a ",
        "backticks": "`",
        "backticks apart": "` ",
        "angles": "&lt;",
        "lines": "a<br>",
        "blank lines": "<br>",
        "quotes": "&gt; ",
        "quoted lines": "&gt; a<br>",
        "one line": "слово ",
        "one word": "ж",
        "paragraphs": "<p>x",
        "spaces": " ",
        "nbsp": "&nbsp;",
        "closings": "</p>",
        "comments": "<!-- -->",
        "open comments": "<!--",
        "less than": "<",
        "pictures": '<img src="https://x.example/1">',
        "alt": "<img alt='[']>",
        "blockquotes": "<blockquote>",
        "headings": "<h1>x",
        "pre": "<pre>x</pre>",
        "code": "<code>x</code> ",
        "styles": '<i style="color:red">x',
        "closed styles": '<i style="color:red;font-weight:bold">x</i>',
        "spans": "<td colspan=1000>",
        "rowspans": "<tr><td rowspan=65535>x",
        "hidden": "<p hidden>x</p>",
        "dl": "<dl><dt>x<dd>y</dl>",
        "selects": "<select>",
        "svg": "<svg>",
        "typed items": "- a<br>",
        "typed numbers": "1. a<br>",
        "addresses": "https://x.example/_a_ ",
        "mail": "x@y.example ",
        "bang": "!<img src='https://x.example/1'>",
        "bars": "|",
        "dashes": "-<br>",
        "fences": "```<br>",
        "tildes": "~~",
        "rules": "<hr>",
        "font": "<font>",
        "pre div": "<pre><div>x</div>\n",
        "omni": "<div class=omni_orig_reply>x</div>",
        "gmail": "<div class=gmail_quote>x<blockquote type=cite>y</blockquote></div>",
        "from": "<b>From:</b> x<br>",
    }
    found = {name: unit * (size // len(unit)) for name, unit in units.items()}
    found["table of cells"] = "<table><tr><th>a<th>b</tr>" + "<tr><td>x<td>y" * (size // 14)
    found["wide table"] = "<table>" + ("<tr>" + "<td>x" * 200) * (size // 1004)
    found["wide spans"] = "<table><tr><th>a<th>b" + "<tr><td colspan=1000 rowspan=1000>x<td>y" * (size // 40)
    found["list in order"] = "<ol>" + "<li value=7>x" * (size // 13)
    found["bold line"] = "<p>" + "<b>x</b> y " * (size // 11)
    found["one attribute"] = f'<a href="https://x.example/{"a" * size}">x</a>'
    found["one style"] = f'<p style="{"a:b;" * (size // 4)}">x'
    found["attributes"] = "<p " + " ".join(f"a{number}" for number in range(size // 7)) + ">x"
    return found
