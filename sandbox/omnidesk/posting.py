"""What cases, messages and notes have in common when they are posted: a text and files."""

from __future__ import annotations

from typing import Any

from .bodies import Upload, items
from .endpoint import Context, text
from .wire import ApiError


def checked_text(context: Context, given: dict[str, Any], has_files: bool) -> tuple[str, str]:
    """``content`` and ``content_html`` as given; 400 when both are blank (files alone do only by a switch)."""
    content, html = text(given, "content"), text(given, "content_html")
    if not content.strip() and not html.strip() and not (has_files and context.model.settings.file_only_allowed):
        raise ApiError(400, "content_required")
    return content, html


def attached(context: Context, given: dict[str, Any]) -> list[Upload]:
    """The files uploaded, and those at ``attachment_urls``, which the account fetches; 400 over the size limits."""
    settings = context.model.settings
    uploads = items(given.get("attachments"))
    if not all(isinstance(upload, Upload) for upload in uploads):
        raise ApiError(400, "wrong_attachments")
    for url in items(given.get("attachment_urls")):
        if context.model.fetch_url is None:
            raise ApiError(400, "wrong_attachment_urls")
        uploads.append(context.model.fetch_url(str(url)))
    if any(upload.name.lower().endswith(settings.refused_types) for upload in uploads):
        raise ApiError(400, "wrong_attachment_type")
    sizes = [len(upload.data) for upload in uploads]
    if any(size > settings.max_file for size in sizes) or sum(sizes) > settings.max_request:
        raise ApiError(settings.too_big_status, "attachment_too_big")
    return uploads
