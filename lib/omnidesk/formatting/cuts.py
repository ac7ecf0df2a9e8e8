"""What is left out of a message by setting: the original it answers, and requests to rate the answer.

If nothing that can be seen would be left, nothing is cut: somebody may have written into the quotation.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from bs4.element import Tag

from omnidesk.formatting.links import host
from omnidesk.text import is_blank

ORIGINAL = "omni_orig_reply"  # how Omnidesk marks it (seen in public integrations)
# How the addresses of rating links look is not public; these words in an address of the account's own are assumed.
_RATING = re.compile(r"/(?:rate|rating|ratings|satisfaction|ocenka)(?:[/?_-]|$)|[?&](?:rate|rating)=", re.IGNORECASE)
_HOLDERS = ("p", "tr", "li", "table", "div")
LONGEST_REQUEST = 400  # characters; a paragraph of more says something else as well


def quotes(soup: BeautifulSoup) -> None:
    """Without the quoted original."""
    found = [one for one in soup.find_all(class_=ORIGINAL) if one.find_parent(class_=ORIGINAL) is None]
    _cut(soup, found)


def rating_links(soup: BeautifulSoup, own_host: str) -> None:
    """Without the links by which the answer can be rated, and the sentence they stand in."""
    found: list[Tag] = []
    for link in soup.find_all("a", href=_RATING):
        if host(str(link.get("href"))) != own_host:
            continue
        holder = link.find_parent(_HOLDERS)
        short = holder is not None and len(holder.get_text(strip=True)) <= LONGEST_REQUEST
        one = holder if short and holder is not None else link
        if not any(one is other for other in found):
            found.append(one)
    _cut(soup, found)


def _cut(soup: BeautifulSoup, found: list[Tag]) -> None:
    if not found:
        return
    inside = {id(node) for one in found for node in one.descendants}
    left = (str(node) for node in soup.find_all(string=True) if id(node) not in inside)
    pictures = (node for node in soup.find_all("img") if id(node) not in inside)
    if all(is_blank(text) for text in left) and next(pictures, None) is None:
        return
    for one in found:
        one.extract()
