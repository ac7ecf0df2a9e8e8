"""Reading the panel's XML: no entities, no network, no document type, bounded."""

from __future__ import annotations

import re

from lxml import etree

LARGEST = 4 * 1024 * 1024  # answers of the functions used here are a few kilobytes
# What XML cannot carry, but what stands in clients' texts and is written as it is or by its number.
_CONTROLS = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
    rb"|&#0*(?:[0-8]|1[124-9]|2[0-9]|3[01]);"
    rb"|&#[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]);"
)
# Warnings of the system's libraries, which some programs print to where the document goes.
_LINES_BEFORE = re.compile(rb"\A(?:[^<\n]*\n)+(?=[ \t]*<\?xml|[ \t]*<doc[ />])")


class NotXML(ValueError):
    """What the panel, or something in its place, said is not a document of the panel's."""


def parse(document: bytes) -> etree._Element:
    """The root element, names without namespaces; :class:`NotXML` for anything that the panel does not write."""
    if len(document) > LARGEST:
        raise NotXML(f"more than {LARGEST} bytes")
    document = _LINES_BEFORE.sub(b"", document.strip())
    try:
        root = strict(document)
    except NotXML:
        root = strict(readable(document.decode("utf-8", "replace").encode()))
    for node in root.iter("{*}*"):
        node.tag = etree.QName(node).localname
    if root.tag == "html":
        raise NotXML("it is a page")
    return root


def readable(document: bytes) -> bytes:
    """A document without the control characters that texts of people in it hold, and XML cannot."""
    return _CONTROLS.sub(b"", document)


def strict(document: bytes) -> etree._Element:
    """The root element of a document of any size, as it stands there; :class:`NotXML` for what is none."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXML(str(error)[:200]) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotXML("it has a document type")
    return root
