"""The switches of the simulated account: what an administrator can set, and what nobody outside can know.

Each default is what the documentation says or, where it is silent, the reading that is harder on a client.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """All switches; a test changes them at any time, they count from the next call on."""

    # Shapes of answers
    empty_list: str = "count"  # count: {"total_count": N}; legacy: {"case": []} (seen until 2018); array: []
    empty_custom_fields: str = "array"  # array: [] as PHP writes an empty map; object: {}
    numbers_as_strings: bool = False
    single: str = "named"  # {"case": {…}}; bare: {…}; note: a note as {"note": {…}}, everything else as before
    pretty: bool = False  # four blanks, as answers were printed until 2018
    wrong_weekday: bool = False  # as in the documentation's samples
    undocumented_fields: bool = True  # message_type, full_name… seen in live exports
    rating_as_number: bool = False
    longest_range: int | None = 366  # days between the ends of a time range; a longer one is refused. None: any
    records_shown: bool = True  # or records of the system are counted in totals and pages, and left out of the rows
    hidden_cases: frozenset[int] = frozenset()  # counted in a list's total and left out of its pages
    delete_status: int = 200  # or 204; the body is empty either way
    # A case that is not there: 400 is what an integration in production met; with what body is not public
    case_not_found_status: int = 400  # or 404
    case_not_found_answer: str = "code"  # code: {"error":"case_not_found"}; other: another code; empty; html
    too_big_status: int = 400  # or 413

    # Limits
    rate_limit: int | None = 750  # calls a minute for the whole account; None: off
    rate_window: str = (
        "minute"  # the account's own minutes; first_call: each begins with a call; sliding: the last 60 s
    )
    rate_headers: bool = True
    rate_headers_dashed: bool = False  # as a proxy in between may rewrite them
    rate_limit_legacy: bool = False  # 403 "rate limit exceeded" instead of 429
    max_file: int = 25 * 1024 * 1024
    max_request: int = 50 * 1024 * 1024
    subject_limit: int | None = None
    file_only_allowed: bool = False  # may a message posted by the API have files and no text?

    refused_types: tuple[str, ...] = ()  # what names of files end with that are not taken

    # Behaviour
    default_status: str = "open"  # the documentation's sample answer shows "waiting"
    client_message_reopens: bool = True
    staff_reply_sets_waiting: bool = False
    takes_nobody: bool = True  # staff_id 0 takes a case away from its assignee; else it is refused
    staff_reply_assigns: bool = True  # every reply of staff makes its author the case's assignee (seen in live data)
    client_moves_last_response: bool = True  # last_response_at is also the time of a client's message
    required_at_closing: frozenset[str] = frozenset()  # keys of case fields (cf_25) without which no case is closed
    ratings_disabled: bool = False
    trash_accepts_messages: bool = False
    spam_accepts_messages: bool = True
    spam_blocks_user: bool = True  # marking a case as spam blocks its client (documented)
    merged_accepts_messages: bool = False
    merge_moves_messages: bool = False
    merged_shows_parent: bool = True  # parent_case_id is in the answers; nothing says without it that a case was merged
    only_case_user_writes: bool = False  # refuse a user_id that is neither the case's user nor linked with him
    order_messages_by: str = "created_at"  # or message_id
    agent_writes: str = "html"  # html: content_html set and content ""; plain: the reverse
    edit_renumbers: bool = False  # a message that is changed gets a new id
    deleted_stays: bool = False  # a message that is deleted stays in the thread
    history_names: str = "staff_"  # what stands before an employee's id in a case's history
    reply_type: str = "reply"  # what message_type of people's messages begins with
    system_messages: bool = False  # a record in the thread for each change of status or assignee

    # Webhooks
    webhook_encoding: str = "form"  # or json
    webhook_echo_api: bool = True  # also for staff messages posted by the API
    webhook_notes: bool = True
    webhook_retries: int = 0
    webhook_timeout: float = 5.0
    webhook_omits_empty_content: bool = True  # no content at all when only a file was sent
    rule_webhook_url: str = ""  # a rule "case changed -> send webhook"
    rule_webhook_body: str = "form"  # what its author typed: a name of rulebodies.RULE_BODIES

    # Files
    files_need_auth: bool = False
    files_redirect_to: str = ""  # base URL of another host that hands out the files
    hosts: tuple[str, ...] = ()  # host names of the account; anything else is the HTML page 404. Empty: any
