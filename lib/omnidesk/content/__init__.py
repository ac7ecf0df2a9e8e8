"""Messages between BILLmanager's Markdown (documented) and Omnidesk's HTML: :mod:`outgoing` and :mod:`incoming`.

Everything here is pure and takes time in proportion to the text. docs/formatting.md says what becomes of what.
"""
