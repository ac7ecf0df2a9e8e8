"""Reading the panel's XML: no entities, no network, no document type, bounded."""

from __future__ import annotations

from lxml import etree

LARGEST = 4 * 1024 * 1024  # answers of the functions used here are a few kilobytes


class NotXML(ValueError):
    """What the panel, or something in its place, said is not a document of the panel's."""


def parse(document: bytes) -> etree._Element:
    """The root element; :class:`NotXML` for anything that the panel does not write."""
    if len(document) > LARGEST:
        raise NotXML(f"more than {LARGEST} bytes")
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
