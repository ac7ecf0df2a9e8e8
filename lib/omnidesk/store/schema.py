"""The module's tables and their numbered migrations.

Three tables carry the documented names of the original module, so tables of these names may already be there and hold
something else: each of ours has a comment that says so, and nothing without that comment is ever touched. A migration
adds; none drops a column. Plain enough for MySQL 5.7 and MariaDB 10.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from omnidesk.core.database import Database
from omnidesk.core.errors import Misconfigured, TryLater
from omnidesk.core.phrase import Phrase
from omnidesk.core.tables import DAILY, MESSAGES, STATE, TICKETS, USERS

MARK = "pmomnidesk"
# Which message a row is about, also where one side does not know it yet, or it brings more files of another.
ABOUT = "COALESCE(ticket_message, external_message, part_of, 0)"
TABLES = (TICKETS, MESSAGES, USERS, STATE, DAILY)
_TAIL = f"ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='{MARK}: BILLmanager-Omnidesk module'"


@dataclass(frozen=True)
class Column:
    """A column added to one of our tables."""

    table: str
    name: str
    definition: str

    def needed(self, db: Database) -> bool:
        return not _exists(db, "columns", "column_name", self.table, self.name)

    def sql(self) -> str:
        return f"ALTER TABLE {self.table} ADD COLUMN {self.name} {self.definition}"


@dataclass(frozen=True)
class Key:
    """A key added to one of our tables, or (``columns`` empty) one that is no longer wanted."""

    table: str
    name: str
    columns: str = ""
    unique: bool = False

    def needed(self, db: Database) -> bool:
        return _exists(db, "statistics", "index_name", self.table, self.name) != bool(self.columns)

    def sql(self) -> str:
        if not self.columns:
            return f"ALTER TABLE {self.table} DROP KEY {self.name}"
        kind = "UNIQUE KEY" if self.unique else "KEY"
        return f"ALTER TABLE {self.table} ADD {kind} {self.name} ({self.columns})"


Step = str | Column | Key
# Times are Unix seconds of the module's own clock unless the comment says otherwise; NULL is "not known".
MIGRATIONS: tuple[tuple[Step, ...], ...] = (
    (
        f"""CREATE TABLE {STATE} (
            name VARCHAR(120) NOT NULL PRIMARY KEY,
            value MEDIUMTEXT NOT NULL,
            updated_at DOUBLE NOT NULL DEFAULT 0
        ) {_TAIL}""",
        f"""CREATE TABLE {TICKETS} (
            ticket BIGINT NOT NULL PRIMARY KEY,
            external_case BIGINT NULL,
            case_number VARCHAR(32) NOT NULL DEFAULT '',
            external_user BIGINT NULL,
            client_user BIGINT NULL,
            case_gone VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'why the linked case takes no more messages',
            ticket_status VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'agreed last, ticket side',
            case_status VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'agreed last, case side',
            seen_status VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'last told by Omnidesk',
            seen_at DOUBLE NOT NULL DEFAULT 0 COMMENT 'updated_at last told by Omnidesk, its clock',
            read_at DOUBLE NOT NULL DEFAULT 0 COMMENT 'updated_at up to which messages were read, its clock',
            own_write_at DOUBLE NOT NULL DEFAULT 0 COMMENT 'last change of ours, its clock',
            own_message_at DOUBLE NOT NULL DEFAULT 0 COMMENT 'last message of ours, its clock',
            own_reply_at DOUBLE NOT NULL DEFAULT 0 COMMENT 'last staff message of ours, its clock',
            unconfirmed TINYINT NOT NULL DEFAULT 0 COMMENT 'no poll has shown the case since we wrote into it',
            unread TINYINT NOT NULL DEFAULT 0 COMMENT 'a write of ours may hide what no webhook told of',
            intent_at DOUBLE NULL COMMENT 'the call that makes the case was begun',
            intent_message BIGINT NULL COMMENT 'the ticket message it opens with',
            intent_digest VARCHAR(40) NOT NULL DEFAULT '',
            fields_digest VARCHAR(40) NOT NULL DEFAULT '' COMMENT 'custom field values last sent',
            look_case TINYINT NOT NULL DEFAULT 0,
            look_messages TINYINT NOT NULL DEFAULT 0,
            due_at DOUBLE NULL,
            due_seq BIGINT NOT NULL DEFAULT 0,
            due_reason VARCHAR(64) NOT NULL DEFAULT '',
            wait_since DOUBLE NULL COMMENT 'oldest client message not delivered yet',
            seen_message BIGINT NOT NULL DEFAULT 0 COMMENT 'highest ticket message the scan has marked',
            attempts INT NOT NULL DEFAULT 0,
            error_type VARCHAR(64) NOT NULL DEFAULT '',
            error_text TEXT NULL,
            error_at DOUBLE NULL,
            set_aside TINYINT NOT NULL DEFAULT 0,
            created_at DOUBLE NOT NULL DEFAULT 0,
            updated_at DOUBLE NOT NULL DEFAULT 0,
            UNIQUE KEY external_case (external_case),
            KEY due (set_aside, due_at),
            KEY unconfirmed (unconfirmed, own_write_at),
            KEY unread (unread, own_reply_at),
            KEY audit (ticket_status, ticket)
        ) {_TAIL}""",
        f"""CREATE TABLE {MESSAGES} (
            id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
            ticket BIGINT NOT NULL,
            kind VARCHAR(8) NOT NULL COMMENT 'message or note',
            direction VARCHAR(3) NOT NULL COMMENT 'out: written in BILLmanager; in: written in Omnidesk',
            ticket_message BIGINT NULL,
            external_case BIGINT NULL,
            external_message BIGINT NULL,
            author VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'who signs it on the side it goes to',
            digest VARCHAR(40) NOT NULL DEFAULT '',
            mark BIGINT NOT NULL DEFAULT 0 COMMENT 'highest identity on the side it goes to when the call was begun',
            state VARCHAR(8) NOT NULL COMMENT 'intent, done, refused or skipped',
            tries INT NOT NULL DEFAULT 0,
            error_text TEXT NULL,
            intent_at DOUBLE NULL,
            done_at DOUBLE NULL,
            staff TINYINT NOT NULL DEFAULT 0 COMMENT 'a reply of staff, so it can be rated',
            rating INT NOT NULL DEFAULT 0 COMMENT 'the rating last sent',
            UNIQUE KEY ticket_message (kind, ticket_message),
            UNIQUE KEY external_message (external_message),
            KEY ticket (ticket, state),
            KEY rated (staff, id)
        ) {_TAIL}""",
        f"""CREATE TABLE {USERS} (
            user BIGINT NOT NULL PRIMARY KEY,
            external_user BIGINT NULL,
            custom_id VARCHAR(64) NOT NULL DEFAULT '',
            digest VARCHAR(40) NOT NULL DEFAULT '' COMMENT 'name and user fields last sent',
            updated_at DOUBLE NOT NULL DEFAULT 0,
            KEY external_user (external_user)
        ) {_TAIL}""",
    ),
    (  # cases that are merged in Omnidesk: several tickets can have one case
        Column(
            TICKETS,
            "joined_at",
            "DOUBLE NOT NULL DEFAULT 0 COMMENT 'when its case was merged into this one, its clock'",
        ),
        Key(TICKETS, "shared_case", "external_case"),
        Key(TICKETS, "external_case"),
        Key(TICKETS, "client_user", "client_user"),
        Column(
            MESSAGES, "source", "VARCHAR(40) NOT NULL DEFAULT '' COMMENT 'digest of what Omnidesk held when delivered'"
        ),
    ),
    (  # the panel's list of what is due: worst first and a page at a time, among any number of tickets
        Key(TICKETS, "worst", "set_aside, attempts, due_at"),
        Key(MESSAGES, "state", "state"),
    ),
    (  # messages whose files take several in Omnidesk
        Column(MESSAGES, "part_of", "BIGINT NULL COMMENT 'ticket message of which this brings more files'"),
        Column(MESSAGES, "part", "INT NOT NULL DEFAULT 1 COMMENT 'its number among the messages of that one'"),
        Column(MESSAGES, "files", "TEXT NULL COMMENT 'attachments that such a part brings'"),
        Key(MESSAGES, "part", "part_of, part", unique=True),
    ),
    (  # clients whose new cases start in spam
        Column(USERS, "blocked", "VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'found, blocked or spam: see spam.py'"),
        Column(USERS, "blocked_at", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'since when'"),
        Column(USERS, "asked_at", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'when Omnidesk was asked about it last'"),
        Key(USERS, "blocked", "blocked"),
        Column(TICKETS, "alive_at", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'when the case was last seen to take messages'"),
    ),
    (  # the circuit breaker: how often a row was sent lately
        Column(MESSAGES, "sends", "INT NOT NULL DEFAULT 0 COMMENT 'creating calls begun since sends_since'"),
        Column(MESSAGES, "sends_since", "DOUBLE NULL COMMENT 'when the first of them was begun'"),
    ),
    (  # replies in a case that its ticket has left
        Column(TICKETS, "former_cases", "VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'earlier cases to be looked at'"),
        Key(MESSAGES, "in_case", "external_case"),
    ),
    (  # what the status merge has to know of the client's last message
        Column(TICKETS, "closed_at", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'closed, as Omnidesk says, its clock'"),
        Column(TICKETS, "own_status_at", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'last status set by us, its clock'"),
        Column(
            TICKETS,
            "client_at",
            "DOUBLE NOT NULL DEFAULT 0 COMMENT 'last client message that no agreement covers, its clock'",
        ),
        Column(TICKETS, "client_message", "BIGINT NOT NULL DEFAULT 0 COMMENT 'the ticket message that this was'"),
        Column(TICKETS, "own_end", "BIGINT NOT NULL DEFAULT 0 COMMENT 'ended by us, messages up to this one unread'"),
    ),
    (  # merges across clients
        Column(TICKETS, "merged_into", "BIGINT NULL COMMENT 'another client''s case that one of its was merged into'"),
    ),
    (  # numbers of BILLmanager can be given twice: what a row is known by besides its number
        Column(TICKETS, "account", "BIGINT NULL COMMENT 'account of the client when it was seen last'"),
        Column(TICKETS, "missing_at", "DOUBLE NULL COMMENT 'BILLmanager said that it has no such ticket'"),
        Column(MESSAGES, "poster", "BIGINT NULL COMMENT 'user who wrote the row of BILLmanager'"),
        Column(MESSAGES, "posted_wall", "BIGINT NULL COMMENT 'its date_post, in seconds without a zone'"),
        Column(MESSAGES, "posted_at", "DOUBLE NULL COMMENT 'its date_post, in Unix seconds when it was seen'"),
        Column(USERS, "account", "BIGINT NULL COMMENT 'account of the user'"),
        Column(USERS, "registered", "VARCHAR(32) NOT NULL DEFAULT '' COMMENT 'registration_date of the account'"),
        Column(USERS, "names", "VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'digests of login and e-mail'"),
    ),
    (  # fair turns, history that was asked for, changes that the guard holds back, rechecks newest first
        Column(TICKETS, "turn_at", "DOUBLE NULL COMMENT 'when it failed, or its turn ended with work left'"),
        Column(TICKETS, "history", "TINYINT NOT NULL DEFAULT 0 COMMENT 'its past was asked for'"),
        Column(TICKETS, "held", "VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'held back: case, ticket or new'"),
        Key(TICKETS, "held", "held"),
        Key(TICKETS, "recheck", "unread, own_write_at"),
    ),
    (  # several messages of ours in a row: each may have moved the case's status
        Column(TICKETS, "own_client_at", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'last client message of ours, its clock'"),
        Column(TICKETS, "agreed_at", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'seen_at when both sides agreed last'"),
    ),
    (  # what staff answered in the same second; what they had ended when we took it
        Column(TICKETS, "taken_end", "BIGINT NOT NULL DEFAULT 0 COMMENT 'we took an ended ticket after this message'"),
        Column(TICKETS, "client_external", "BIGINT NOT NULL DEFAULT 0 COMMENT 'id of that message in Omnidesk'"),
    ),
    (Key(TICKETS, "case_number", "case_number"),),  # webhooks of rules may name a case by its number
    (  # a client's message may move last_response_at
        Column(TICKETS, "client_stamp", "DOUBLE NOT NULL DEFAULT 0 COMMENT 'date of our last client message there'"),
        Column(TICKETS, "seen_staff", "BIGINT NOT NULL DEFAULT 0 COMMENT 'assignee of the case, as known last'"),
    ),
    (  # accounts that demand fields before a case is closed
        Column(TICKETS, "refused_status", "VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'end of the case that is refused'"),
        Column(TICKETS, "refused_fields", "VARCHAR(40) NOT NULL DEFAULT '' COMMENT 'digest of its fields then'"),
        Column(TICKETS, "refused_why", "VARCHAR(250) NOT NULL DEFAULT '' COMMENT 'in Omnidesk''s words'"),
    ),
    (  # tickets that are split: messages are moved to another ticket and keep their numbers
        Column(TICKETS, "split_to", "BIGINT NULL COMMENT 'ticket to which messages of this one were moved last'"),
        Key(TICKETS, "split_to", "split_to"),
        Column(MESSAGES, "moved_message", "BIGINT NULL COMMENT 'number of its row, which is in another ticket now'"),
        Column(MESSAGES, "moved_to", "BIGINT NULL COMMENT 'that ticket'"),
        Key(MESSAGES, "moved_message", "moved_message"),
    ),
    (  # what of a case's history follows from our own messages
        Column(TICKETS, "own_messages", "VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'our last ones: id:time:staff;...'"),
    ),
    (  # what staff of BILLmanager had read when they ended the ticket, which our own writing into it hides
        Column(TICKETS, "read_here", "BIGINT NOT NULL DEFAULT 0 COMMENT 'staff ended the ticket after this message'"),
    ),
    (Key(MESSAGES, "moved_to", "moved_to"),),  # whose messages a ticket got when others were split
    (  # errors as a key with parameters; rows of earlier versions keep their finished error_text
        Column(TICKETS, "error_params", "TEXT NULL COMMENT 'parameters of error_type, JSON'"),
        Column(MESSAGES, "error_type", "VARCHAR(64) NOT NULL DEFAULT ''"),
        Column(MESSAGES, "error_params", "TEXT NULL COMMENT 'parameters of error_type, JSON'"),
    ),
    (  # a call that sets a case's status, of which it is not known whether it did
        Column(TICKETS, "status_begun", "VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'status that a call began to set'"),
    ),
    (  # what was delivered on each day, and how long it took
        f"""CREATE TABLE {DAILY} (
            day DATE NOT NULL COMMENT 'by the calendar of the panel''s host',
            direction VARCHAR(3) NOT NULL COMMENT 'out: written in BILLmanager; in: written in Omnidesk',
            within_seconds INT NOT NULL COMMENT 'delay at most; 0: not measured; -1: history',
            messages BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (day, direction, within_seconds)
        ) {_TAIL}""",
    ),
    (  # who has a ticket that we took: another employee who has it as well has taken it himself
        Column(TICKETS, "taken_by", "BIGINT NOT NULL DEFAULT 0 COMMENT 'for whom we took the ended ticket'"),
    ),
    (  # what the note of a new case refers to
        Column(TICKETS, "replaced", "VARCHAR(32) NOT NULL DEFAULT '' COMMENT 'number of the case before'"),
    ),
    (  # closed cases whose tickets go to the archive
        Column(TICKETS, "own_archive", "TINYINT NOT NULL DEFAULT 0 COMMENT 'own_end was a move to the archive'"),
    ),
    (  # who works on it: the base of the merge of both sides
        Column(TICKETS, "staff_known", "TINYINT NOT NULL DEFAULT 0 COMMENT 'seen_staff is what an answer said'"),
        Column(
            TICKETS, "own_assignee", "BIGINT NOT NULL DEFAULT 0 COMMENT 'staff of our last reply since they agreed'"
        ),
        Column(TICKETS, "agreed_staff", "BIGINT NOT NULL DEFAULT -1 COMMENT 'agreed last, case side; -1: not known'"),
        Column(TICKETS, "agreed_employee", "BIGINT NOT NULL DEFAULT 0 COMMENT 'agreed last, ticket side'"),
        Column(TICKETS, "agreed_holders", "VARCHAR(255) NOT NULL DEFAULT '-' COMMENT 'employees who had it then'"),
    ),
    (  # edits that add or remove files
        Column(MESSAGES, "attached", "TEXT NULL COMMENT 'files that Omnidesk showed with it: names and sizes, JSON'"),
    ),
    (  # where the ticket and its case are: the base of their three-way merge, and what a call of ours may have changed
        Column(TICKETS, "seen_group", "BIGINT NOT NULL DEFAULT 0 COMMENT 'group of the case, as Omnidesk last said'"),
        Column(TICKETS, "routed_group", "BIGINT NOT NULL DEFAULT 0 COMMENT 'agreed last, case side'"),
        Column(TICKETS, "routed_department", "BIGINT NOT NULL DEFAULT 0 COMMENT 'agreed last, ticket side'"),
        Column(TICKETS, "routed_responsible", "BIGINT NOT NULL DEFAULT 0 COMMENT 'ticket.responsible at that time'"),
        Column(TICKETS, "group_begun", "BIGINT NOT NULL DEFAULT 0 COMMENT 'group that a call began to set'"),
        Column(TICKETS, "department_begun", "BIGINT NOT NULL DEFAULT 0 COMMENT 'department that a call began to set'"),
    ),
    (  # the priority: the base of the merge of both sides
        Column(TICKETS, "seen_priority", "VARCHAR(16) NOT NULL DEFAULT '' COMMENT 'of the case, as reported last'"),
        Column(TICKETS, "agreed_priority", "VARCHAR(16) NOT NULL DEFAULT '-' COMMENT 'agreed last, case side'"),
        Column(TICKETS, "agreed_priority_here", "VARCHAR(32) NOT NULL DEFAULT '-' COMMENT 'the same, ticket side'"),
    ),
    (  # an answer that was read before the status of its case
        Column(TICKETS, "answered", "BIGINT NOT NULL DEFAULT 0 COMMENT 'newest answer of staff after our messages'"),
    ),
    (  # calls that were lost are no refusals
        Column(MESSAGES, "missed", "INT NOT NULL DEFAULT 0 COMMENT 'calls without an answer of which nothing came'"),
    ),
    (  # what a case is when its end is refused is no later decision of staff
        Column(TICKETS, "refused_from", "VARCHAR(8) NOT NULL DEFAULT '' COMMENT 'the case''s status at that refusal'"),
    ),
)


def foreign_tables(db: Database) -> list[str]:
    """Tables of our names that are not ours (an installation may carry the original module's)."""
    return [row["name"] for row in _present(db) if not str(row["comment"] or "").startswith(MARK)]


def _present(db: Database) -> list[dict[str, str]]:
    return db.rows(
        "SELECT table_name AS name, table_comment AS comment FROM information_schema.tables"
        f" WHERE table_schema = DATABASE() AND table_name IN ({', '.join(['%s'] * len(TABLES))})",
        *TABLES,
    )


def version(db: Database) -> int:
    """The number of migrations applied; 0 when the tables are not there."""
    ours = {row["name"] for row in _present(db) if str(row["comment"] or "").startswith(MARK)}
    if STATE not in ours:
        return 0
    row = db.row(f"SELECT value FROM {STATE} WHERE name = 'schema_version'")
    return int(row["value"]) if row else 0


def up_to_date(db: Database) -> bool:
    """Whether the module's tables are there, and are those that this version reads."""
    return version(db) == len(MIGRATIONS)


def migrate(db: Database) -> int:
    """Bring the tables up to date; returns how many migrations ran.

    DDL commits by itself, so an interrupted migration is repeated: each step that had already worked is recognised
    by its table, column or key being there. Raises ``foreign_tables`` without touching anything.
    """
    if up_to_date(db):
        return 0
    locked = db.row("SELECT GET_LOCK('pmomnidesk.migrate', 30) AS got")
    if not locked or locked["got"] != 1:
        raise TryLater("database_busy", "migrate", Phrase("said.upgrading"))
    try:
        foreign = foreign_tables(db)
        if foreign:
            raise Misconfigured("foreign_tables", ", ".join(sorted(foreign)))
        done = version(db)
        if done > len(MIGRATIONS):
            raise Misconfigured("schema_newer", str(done), str(len(MIGRATIONS)))
        for number in range(done, len(MIGRATIONS)):
            for step in MIGRATIONS[number]:
                _take(db, step)
            db.write(
                f"REPLACE INTO {STATE} (name, value, updated_at) VALUES ('schema_version', %s, UNIX_TIMESTAMP())",
                str(number + 1),
            )
        return len(MIGRATIONS) - done
    finally:
        db.row("SELECT RELEASE_LOCK('pmomnidesk.migrate') AS freed")


def _take(db: Database, step: Step) -> None:
    """One step of a migration; one that an interrupted upgrade has already taken is passed over."""
    if isinstance(step, str):
        db.write(step.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1))
    elif step.needed(db):
        db.write(step.sql())


def _exists(db: Database, view: str, column: str, table: str, name: str) -> bool:
    sql = f"SELECT 1 AS yes FROM information_schema.{view} WHERE table_schema = DATABASE() AND table_name = %s"
    return db.row(f"{sql} AND {column} = %s LIMIT 1", table, name) is not None


def drop(db: Database) -> list[str]:
    """Remove the module's own tables, and only those; their names."""
    ours = [row["name"] for row in _present(db) if str(row["comment"] or "").startswith(MARK)]
    for name in ours:
        db.write(f"DROP TABLE {name}")
    return ours
