"""Custom fields: values that the provider defines as SELECTs over the panel's tables, sent to Omnidesk's data fields.

Knows neither the panel's functions nor Omnidesk's API: it is given a database connection and
:class:`omnidesk.helpdesk.models.CustomField` descriptions, and yields values ready to be sent.
"""
