"""The simulated account's pages in a browser: what an agent and an administrator see (``/staff/<who>/…``).

Served beside the API by :class:`~sandbox.omnidesk.server.OmnideskServer`. Plain forms that work without scripts; one
small script asks for the parts that change. Nothing here counts as an API call, and no fault of the account hits it.
"""

from .pages import Pages

__all__ = ["Pages"]
