"""BILLmanager's kind of settings file: one ``Name value`` a line.

The module's own settings, the panel's ``billmgr.conf`` and the records of the spool are all written like this, so
there is one reader for them. It is used by the hooks, which is why it imports nothing.
"""

BLANKS = " \t"


def parse(text: str) -> list[tuple[int, str, str]]:
    """The ``(line number, name, value)`` of each setting, in the order of the file.

    The first run of blanks separates name and value, so a value (a password, say) may hold blanks itself; those at its
    ends do not count. A name alone has the value ``""``. Lines that begin with ``#`` are comments. Names are given as
    often as they occur: which of two counts, and what is a mistake, is for the caller to say.
    """
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = line.strip(BLANKS + "\r")
        if not line or line[0] == "#":
            continue
        end = 0
        while end < len(line) and line[end] not in BLANKS:
            end += 1
        found.append((number, line[:end], line[end:].lstrip(BLANKS)))
    return found


def read(path: str) -> list[tuple[int, str, str]]:
    """:func:`parse` of a file; raises ``OSError`` when it cannot be read.

    Always UTF-8, whatever the locale. Bytes that are not UTF-8 come as lone surrogates, so that a secret in another
    encoding still compares equal byte for byte, and so that a caller can name the line.
    """
    with open(path, "rb") as file:
        return parse(file.read().decode("utf-8", "surrogateescape"))
