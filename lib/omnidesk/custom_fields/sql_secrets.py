"""Which names refer to secrets: passwords, keys, tokens, hashes, and the tables that hold them.

A data field is seen by everybody who works in Omnidesk, and a statement of the catalogue can read every table of the
panel. Both checks of a statement therefore refuse names that say what they hold. A name is judged by its words
(``user_token``, ``apiKey``, ``PASSWORD2``), so that ``monkey``, ``keyboard``, ``passport`` and ``author`` are not
taken for secrets. docs/custom-fields.md lists the words.
"""

from __future__ import annotations

import re
import unicodedata

OWN_SCHEMA = "BILLMGR"
"""The panel's own database, the only one that may be named before a table."""


def words(text: str) -> frozenset[str]:
    """A set of words from a blank-separated list, which is easier to read and to extend."""
    return frozenset(text.split())


_WORDS = words(
    "pass pw pwd psw secret secrets token tokens hash hashes hashed salt salts salted otp totp hotp key keys keyfile "
    "keystore keydata keypair keyring cvv cvc пароль пароли пароля токен токены секрет секреты хеш хэш ключ ключи"
)
# Parts that mean the same within a longer word: `userpassword`, `accesstoken`, `clientsecret`, `encrypted`.
_PART = re.compile(r"passw|passphrase|passcode|passkey|secret(?!ar)|token|credential|crypted|пароль")
_START = re.compile(r"t?otp|pwd")
_END = re.compile(r"(?:pass|pwd|hash(?:es)?|salt|otp|keys?)\Z")
# Words of the language that only end so.
_HARMLESS = words(
    "monkey monkeys donkey donkeys turkey turkeys jockey jockeys hockey whiskey hotkey hotkeys turnkey lackey basalt "
    "compass bypass overpass underpass trespass surpass encompass"
)
_PAIRS = frozenset({("hash", "tag"), ("hash", "tags"), ("key", "word"), ("key", "words")})  # and `auth_code` below
_TRANSFER = re.compile(r"auth_?(?:code|info|string|data)")
_TABLE = re.compile(r"session|auth(?!or(?!i[sz]))|api_?key|crypt(?!o)|omnidesk_state\Z")

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_LETTER = re.compile(r"[\W\d_]+")
_HEXADECIMAL = re.compile(r"0[xX]((?:[0-9a-fA-F]{2})+)\Z")
_FREE_TEXT = re.compile(r"[\s@/:]")
# Letters of other alphabets that look like Latin ones.
_LOOKALIKES = str.maketrans("авекмнорстухѕіјԁԛԝαεικνορτυχ", "abekmhopctyxsijdqwaeikvoptux")


def in_column(name: str) -> str:
    """The word for which a column, an alias or another name is a secret; "" when it is none."""
    for spelling in (_CAMEL.sub("_", name), name):
        plain = _plain(spelling)
        for text in (plain, plain.translate(_LOOKALIKES)):
            found = _secret_word(text)
            if found:
                return found
    return ""


def in_table(name: str) -> str:
    """The word for which a table's content is secret; "" when it is not."""
    match = _TABLE.search(_plain(name).translate(_LOOKALIKES))
    return match[0] if match else in_column(name)


def in_constant(text: str) -> str:
    """The word for which a constant that something is compared with asks for a secret: ``intname = 'password'``.

    A text with blanks is no name. A path into JSON (``$.password``) is looked at whatever else it holds.
    """
    if not text.startswith("$") and _FREE_TEXT.search(text):
        return ""
    return in_column(text)


def in_hexadecimal(text: str) -> str:
    """The same for a constant written as ``0x…``."""
    match = _HEXADECIMAL.match(text)
    return in_constant(bytes.fromhex(match[1]).decode("utf-8", "replace")) if match else ""


def _plain(name: str) -> str:
    """Lower case without accents, invisible signs, and other forms of the same letters."""
    signs = unicodedata.normalize("NFKD", name)
    return "".join(one for one in signs if unicodedata.category(one) not in ("Mn", "Cf")).casefold()


def _secret_word(name: str) -> str:
    words = [word for word in _NO_LETTER.split(name) if word]
    for place, word in enumerate(words):
        if word in _HARMLESS or tuple(words[place : place + 2]) in _PAIRS:
            continue
        if word in _WORDS or _PART.search(word) or _START.match(word) or _END.search(word):
            return word
    match = _TRANSFER.search(name)
    return match[0] if match else ""
