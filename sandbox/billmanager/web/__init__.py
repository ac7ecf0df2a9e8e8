"""The panel's pages: they draw what descriptions and answers say, whatever plugin these are of."""

from sandbox.billmanager.web.app import Pages
from sandbox.billmanager.web.wire import WebRequest, WebResponse

__all__ = ["Pages", "WebRequest", "WebResponse"]
