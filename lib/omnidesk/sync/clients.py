"""Which user of Omnidesk a client's user of BILLmanager is. The number alone is not enough: numbers are reused.

A user stays the same person when his account is merged into another one (his login or e-mail stays) and when login and
e-mail change (his account, with its date of registration, stays). Otherwise the number has a new owner: what is known
of the former one says nothing of him, and in Omnidesk he gets a custom id of his own.
"""

from __future__ import annotations

import hashlib
import logging

from omnidesk.billmanager.models import Person
from omnidesk.context import Context
from omnidesk.core import emails
from omnidesk.store.models import ClientIdentity, UserLink

log = logging.getLogger("clients")


def known(context: Context, person: Person, now: ClientIdentity | None = None) -> UserLink | None:
    """What is known of this person in Omnidesk; None when nothing is, or only of a former owner of his number."""
    link = context.links.user(person.user)
    return link if link is not None and _is_same(link.identity, now or identity(context, person)) else None


def custom_id(context: Context, person: Person) -> str:
    """By what Omnidesk knows the person. A former owner of his number is forgotten; his user in Omnidesk stays."""
    link = context.links.user(person.user)
    now = identity(context, person)
    if link is not None and not _is_same(link.identity, now):
        own = f"{person.user}-{person.account}-{now.names[:4]}"
        log.warning(
            "user %s of BILLmanager is not the person of Omnidesk user %s: the number was reused. The former"
            " user is not changed; the new one's custom id is %s", person.user, link.external_user, own,
        )  # fmt: skip
        context.links.new_owner(person.user, own, now)
        return own
    return link.custom_id if link is not None and link.custom_id else str(person.user)


def remember(context: Context, person: Person, external_user: int, digest: str | None) -> None:
    """The person is this user of Omnidesk. ``digest``: of the name and fields he has there, None to leave it."""
    context.links.set_user(person.user, external_user, digest, identity(context, person) if person.known else None)


def identity(context: Context, person: Person) -> ClientIdentity:
    """By what a person is known besides the number."""
    names = " ".join(_digest(one) for one in (person.login.strip().casefold(), emails.key(person.email)))
    known = person.registered
    return ClientIdentity(person.account, context.reader.registered(person.account) if known is None else known, names)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16] if text else "-"


def _is_same(before: ClientIdentity, now: ClientIdentity) -> bool:
    if not before.account or not now.account:
        return True  # one of them is not known
    if before.account == now.account:
        return not before.registered or not now.registered or before.registered == now.registered
    return any(one == other != "-" for one, other in zip(before.names.split(), now.names.split(), strict=False))
