"""The panel's tables, as far as public sources show them.

Only columns that a public source was seen using are here, so a query that needs another one fails in the sandbox and
not at the first customer. What had to be filled in (types, lengths, what a foreign key does on delete) is assumed, and
so are the tables of money and countries, which are as the catalogue's examples have them; docs/unverified.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pymysql.connections import Connection

NEW, REVIEWED, ANSWERED, ENDED, ARCHIVED = 0, 1, 2, 3, 10
"""``ticket.status``: what lists show as ``tstatus`` (documented). That the column holds them all is assumed."""

# Where an attachment is kept and what it is called is not public. The names are odd on purpose: only the panel's
# function ``ticket.file`` may be relied on.
ATTACHMENT_NAME = "zq_label_do_not_read"
ATTACHMENT_FILE = "zq_stored_do_not_read"

# Nor is it public where a rating is kept: in a column of ``ticket_message``, or in a table of its own like this one.
RATINGS_TABLE = "zq_ratings_do_not_read"
RATING_VALUES: Mapping[str, tuple[object, object]] = {
    "words": ("good", "bad"),
    "one_zero": (1, 0),
    "plus_minus": (1, -1),
    "one_two": (1, 2),
    "stars": (5, 1),
}
"""What a column may hold for good and for bad."""


PRIORITY_VALUES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "words": ("varchar(16) DEFAULT 'normal'", ("low", "normal", "high")),
    "enum": ("enum('low','medium','high','urgent') NOT NULL DEFAULT 'medium'", ("low", "medium", "high", "urgent")),
    "flag": ("varchar(3) NOT NULL DEFAULT 'off'", ("off", "on")),
    "bit": ("tinyint(1) DEFAULT NULL", ("0", "1")),
    "numbers": ("int(11) NOT NULL DEFAULT 2", ("1", "2", "3", "4")),
}
"""What a column with a ticket's priority may be: its type, and its values from the lowest on."""


@dataclass(frozen=True)
class SchemaOptions:
    """What differs between installations.

    ``charset``: ``utf8mb4``, or ``utf8`` (three bytes a character: an emoji is refused).
    ``rating_column``: the column of ``ticket_message`` with the client's rating, or none. ``rating_values``: what
    stands in it, one of :data:`RATING_VALUES`. ``rating_required``: it is NOT NULL, and 0 or "" where nobody has rated.
    ``priority_column``: the column of ``ticket`` with its priority, or none; ``priority_values``: what stands in it, a
    name of :data:`PRIORITY_VALUES`. ``message_type``: what a client's message is called in a column ``type``
    ("incoming" or "outcoming", staff's is the other one), "" without such a column.
    ``note_files``: whether notes have files: "none", "column" (``ticket_message_attach`` has a column ``ticket_note``,
    and ``ticket.file`` hands them out), or "table" (they have a table of their own).
    """

    charset: str = "utf8mb4"
    rating_column: str | None = "rating"
    rating_values: str = "words"
    rating_required: bool = False
    priority_column: str | None = None
    priority_values: str = "words"
    database: str = "billmgr"
    message_type: str = ""
    note_files: str = "none"


_TABLES = f"""
CREATE TABLE project (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) NOT NULL,
  billurl varchar(255) DEFAULT NULL,
  notifyemail varchar(255) DEFAULT NULL,
  supportemail varchar(255) DEFAULT NULL,
  ticket_message_ratelimit int(11) DEFAULT NULL,
  support_require varchar(3) DEFAULT 'off',
  support_over_limit varchar(3) DEFAULT 'off'
);
CREATE TABLE account (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) NOT NULL,
  registration_date date DEFAULT NULL,
  country int(11) DEFAULT NULL
);
CREATE TABLE account2project (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account int(11) NOT NULL,
  project int(11) NOT NULL,
  FOREIGN KEY (account) REFERENCES account (id) ON DELETE CASCADE,
  FOREIGN KEY (project) REFERENCES project (id)
);
CREATE TABLE user (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account int(11) DEFAULT NULL,
  name varchar(255) NOT NULL,
  realname varchar(255) DEFAULT NULL,
  email varchar(255) DEFAULT NULL,
  phone varchar(64) DEFAULT NULL,
  level int(11) NOT NULL,
  language varchar(8) DEFAULT 'ru',
  password varchar(128) DEFAULT NULL,
  enabled varchar(3) NOT NULL DEFAULT 'on',
  support_department varchar(3) DEFAULT 'off',
  UNIQUE KEY (name),
  FOREIGN KEY (account) REFERENCES account (id) ON DELETE CASCADE
);
CREATE TABLE processingmodule (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) NOT NULL,
  module varchar(64) NOT NULL,
  active varchar(3) NOT NULL DEFAULT 'on',
  config text,
  orderpriority int(11) DEFAULT NULL,
  ipmgr int(11) DEFAULT NULL,
  department int(11) DEFAULT NULL,
  FOREIGN KEY (department) REFERENCES user (id)
);
CREATE TABLE itemtype (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) NOT NULL
);
CREATE TABLE pricelist (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) NOT NULL,
  itemtype int(11) DEFAULT NULL,
  FOREIGN KEY (itemtype) REFERENCES itemtype (id)
);
CREATE TABLE item (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) DEFAULT NULL,
  account int(11) NOT NULL,
  processingmodule int(11) DEFAULT NULL,
  pricelist int(11) DEFAULT NULL,
  status int(11) NOT NULL DEFAULT 2,
  expiredate date DEFAULT NULL,
  FOREIGN KEY (account) REFERENCES account (id) ON DELETE CASCADE,
  FOREIGN KEY (processingmodule) REFERENCES processingmodule (id),
  FOREIGN KEY (pricelist) REFERENCES pricelist (id)
);
CREATE TABLE itemparam (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  item int(11) NOT NULL,
  intname varchar(64) NOT NULL,
  value text,
  FOREIGN KEY (item) REFERENCES item (id) ON DELETE CASCADE
);
CREATE TABLE country (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(255) NOT NULL
);
CREATE TABLE currency (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  iso varchar(3) NOT NULL
);
CREATE TABLE subaccount (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  account int(11) NOT NULL,
  balance decimal(19,4) NOT NULL DEFAULT 0,
  currency int(11) NOT NULL,
  FOREIGN KEY (account) REFERENCES account (id) ON DELETE CASCADE,
  FOREIGN KEY (currency) REFERENCES currency (id)
);
CREATE TABLE payment (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  subaccount int(11) NOT NULL,
  paydate date DEFAULT NULL,
  paymethodamount decimal(19,4) NOT NULL DEFAULT 0,
  status int(11) NOT NULL,
  FOREIGN KEY (subaccount) REFERENCES subaccount (id) ON DELETE CASCADE
);
CREATE TABLE ticket (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name text,
  account_client int(11) DEFAULT NULL,
  responsible int(11) DEFAULT NULL,
  item int(11) DEFAULT NULL,
  project int(11) DEFAULT NULL,
  status int(11) NOT NULL DEFAULT {REVIEWED},
  client_read varchar(3) NOT NULL DEFAULT 'on',
  FOREIGN KEY (account_client) REFERENCES account (id) ON DELETE SET NULL,
  FOREIGN KEY (responsible) REFERENCES user (id) ON DELETE SET NULL,
  FOREIGN KEY (item) REFERENCES item (id) ON DELETE SET NULL,
  FOREIGN KEY (project) REFERENCES project (id) ON DELETE SET NULL
);
CREATE TABLE ticket2user (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ticket int(11) NOT NULL,
  user int(11) NOT NULL,
  FOREIGN KEY (ticket) REFERENCES ticket (id) ON DELETE CASCADE,
  FOREIGN KEY (user) REFERENCES user (id) ON DELETE CASCADE
);
CREATE TABLE ticket_message (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ticket int(11) NOT NULL,
  user int(11) DEFAULT NULL,
  message mediumtext,
  date_post datetime NOT NULL,
  FOREIGN KEY (ticket) REFERENCES ticket (id) ON DELETE CASCADE,
  FOREIGN KEY (user) REFERENCES user (id) ON DELETE SET NULL
);
CREATE TABLE ticket_note (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ticket int(11) NOT NULL,
  user int(11) DEFAULT NULL,
  note mediumtext,
  date_post datetime NOT NULL,
  FOREIGN KEY (ticket) REFERENCES ticket (id) ON DELETE CASCADE,
  FOREIGN KEY (user) REFERENCES user (id) ON DELETE SET NULL
);
CREATE TABLE ticket_message_attach (
  id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ticket_message int(11) NOT NULL,
  {ATTACHMENT_NAME} varchar(255) DEFAULT NULL,
  {ATTACHMENT_FILE} varchar(255) DEFAULT NULL,
  FOREIGN KEY (ticket_message) REFERENCES ticket_message (id) ON DELETE CASCADE
);
"""


_TABLES += f"""
CREATE TABLE {RATINGS_TABLE} (
  ticket_message int(11) NOT NULL PRIMARY KEY,
  name varchar(16) NOT NULL,
  FOREIGN KEY (ticket_message) REFERENCES ticket_message (id) ON DELETE CASCADE
);
"""


def create(connection: Connection[Any], options: SchemaOptions) -> None:
    """Make the database with all tables; an existing one of the same name is replaced."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{options.database}`")
        cursor.execute(f"CREATE DATABASE `{options.database}` DEFAULT CHARACTER SET {options.charset}")
        cursor.execute(f"USE `{options.database}`")
        for statement in _TABLES.split(";"):
            if statement.strip():
                cursor.execute(f"{statement} ENGINE=InnoDB DEFAULT CHARSET={options.charset}")
        if options.message_type:
            cursor.execute("ALTER TABLE ticket_message ADD COLUMN `type` varchar(16) DEFAULT NULL")
        if options.priority_column:
            kind = PRIORITY_VALUES[options.priority_values][0]
            cursor.execute(f"ALTER TABLE ticket ADD COLUMN `{options.priority_column}` {kind}")
        if options.note_files == "column":
            cursor.execute(
                "ALTER TABLE ticket_message_attach MODIFY ticket_message int(11) DEFAULT NULL, ADD COLUMN ticket_note"
                " int(11) DEFAULT NULL, ADD FOREIGN KEY (ticket_note) REFERENCES ticket_note (id) ON DELETE CASCADE"
            )
        elif options.note_files == "table":
            cursor.execute(
                "CREATE TABLE ticket_note_attach (id int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY, ticket_note int(11)"
                f" NOT NULL, {ATTACHMENT_NAME} varchar(255), {ATTACHMENT_FILE} varchar(255), FOREIGN KEY (ticket_note)"
                f" REFERENCES ticket_note (id) ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARSET={options.charset}"
            )
        if options.rating_column:
            kind, nothing = ("varchar(16)", "''") if options.rating_values == "words" else ("int(11)", "0")
            default = f"NOT NULL DEFAULT {nothing}" if options.rating_required else "DEFAULT NULL"
            cursor.execute(f"ALTER TABLE ticket_message ADD COLUMN `{options.rating_column}` {kind} {default}")


def store_rating(
    execute: Callable[..., object], options: SchemaOptions, message: int, name: str, value: object
) -> None:
    """Keep a rating where this panel does; ``value`` is what its column holds, if it has one."""
    execute(f"REPLACE INTO {RATINGS_TABLE} (ticket_message, name) VALUES (%s, %s)", message, name)
    if options.rating_column:
        execute(f"UPDATE ticket_message SET `{options.rating_column}`=%s WHERE id=%s", value, message)


def grant(connection: Connection[Any], user: str, password: str, database: str = "billmgr") -> None:
    """Make the database user the panel's own settings name: every right on this database and none elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE USER %s@localhost IDENTIFIED BY %s", (user, password))
        cursor.execute(f"GRANT ALL PRIVILEGES ON `{database}`.* TO %s@localhost", (user,))
