"""The names of the module's functions in the panel, in one place: etc/xml uses the same ones, a test compares.

What the panel opens by «Настроить» in its list of modules is not public, so it may have to be another name than
:data:`SETTINGS` (docs/unverified.md): then this one line and its XML change.
"""

from __future__ import annotations

SETTINGS = "omnidesk.settings"
FIELDS = "omnidesk.fields"
FIELDS_LINK = "omnidesk.fields.link"
FIELDS_EDIT = "omnidesk.fields.edit"
FIELDS_DELETE = "omnidesk.fields.delete"
ROUTING = "omnidesk.routing"
ROUTING_EDIT = "omnidesk.routing.edit"
ROUTING_DELETE = "omnidesk.routing.delete"
ROUTING_UP = "omnidesk.routing.up"
ROUTING_DOWN = "omnidesk.routing.down"
QUEUE = "omnidesk.queue"
QUEUE_FILTER = "omnidesk.queue.filter"
QUEUE_RETRY = "omnidesk.queue.retry"
QUEUE_RETRY_ALL = "omnidesk.queue.retryall"
QUEUE_TICKET = "omnidesk.queue.ticket"
CASE = "omnidesk.case"
ALERTS = "omnidesk.alerts"
HEALTH = "omnidesk.health"
HEALTH_TICKET = "omnidesk.health.ticket"

# Fields whose content is nobody's business: the panel copies what was typed into the documents it passes, and what goes
# back to it is shown, logged and kept by browsers.
PRIVATE_FIELDS = ("api_key", "secret", "telegram_token", "alert_webhook")
