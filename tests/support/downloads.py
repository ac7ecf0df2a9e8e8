"""Downloading a file of a message in one call."""

from __future__ import annotations

from omnidesk.helpdesk.client import Client


def downloaded(client: Client, url: str) -> bytes:
    """The content at an address, by the client's own way."""
    with client.download(url) as answer:
        return bytes(answer.content)
