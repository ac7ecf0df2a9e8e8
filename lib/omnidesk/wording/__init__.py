"""Texts that a person reads, in two languages, and how they are laid out. To import it makes all texts known."""

from omnidesk.wording import (  # noqa: F401
    about_texts,
    action_texts,
    adopt_texts,
    agreement_texts,
    alert_texts,
    answer_texts,
    due_reasons,
    error_texts,
    field_texts,
    finding_texts,
    health_texts,
    message_texts,
    notice_texts,
    page_texts,
    probe_texts,
    routing_texts,
    said_texts,
    setting_texts,
    system_texts,
    trial_texts,
)  # fmt: skip
