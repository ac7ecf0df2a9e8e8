"""The links of clients: users of BILLmanager and of Omnidesk."""

from __future__ import annotations

from omnidesk.core.tables import USERS
from omnidesk.store.link_table import LinkTable
from omnidesk.store.models import ClientIdentity, UserLink


class Users(LinkTable):
    """The links of clients."""

    def user(self, user: int) -> UserLink | None:
        sql = f"SELECT user, external_user, digest, custom_id, account, registered, names FROM {USERS} WHERE user = %s"
        row = self.db.row(sql, user)
        if row is None:
            return None
        identity = ClientIdentity(int(row["account"] or 0), row["registered"], row["names"])
        return UserLink(user, int(row["external_user"] or 0), row["digest"], row["custom_id"], identity)

    def user_of(self, external_user: int, custom_id: str) -> int:
        """The user of BILLmanager who is this one in Omnidesk, as far as it is known; 0 if not, or if several are."""
        rows = self.db.rows(
            f"SELECT user FROM {USERS} WHERE external_user = %s AND custom_id = %s LIMIT 2", external_user, custom_id
        )
        return int(rows[0]["user"]) if len(rows) == 1 else 0

    def set_user(
        self, user: int, external_user: int, digest: str | None = None, identity: ClientIdentity | None = None
    ) -> None:
        who = identity or ClientIdentity()
        self.db.write(
            f"INSERT INTO {USERS} (user, external_user, custom_id, digest, account, registered, names, updated_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON DUPLICATE KEY UPDATE external_user = VALUES(external_user), updated_at = VALUES(updated_at),"
            " digest = IF(%s, VALUES(digest), digest), registered = IF(%s, VALUES(registered), registered),"
            " names = IF(%s, VALUES(names), names), account = COALESCE(VALUES(account), account)",
            user, external_user, str(user), digest or "", who.account or None, who.registered, who.names, self.clock(),
            digest is not None, bool(who.account), bool(who.account),
        )  # fmt: skip

    def know_user(self, user: int, who: ClientIdentity) -> None:
        """By what a user is known besides his number."""
        self.db.write(
            f"UPDATE {USERS} SET account = %s, registered = %s, names = %s WHERE user = %s",
            who.account or None, who.registered, who.names, user,
        )  # fmt: skip

    def new_owner(self, user: int, custom_id: str, who: ClientIdentity) -> None:
        """The number belongs to another person now: nothing that is known of the former one is his."""
        self.db.write(
            f"UPDATE {USERS} SET external_user = NULL, digest = '', custom_id = %s, account = %s, registered = %s,"
            " names = %s, blocked = '', updated_at = %s WHERE user = %s",
            custom_id, who.account, who.registered, who.names, self.clock(), user,
        )  # fmt: skip
