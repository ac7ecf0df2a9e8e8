"""Which group, channel, priority, labels and language a case gets, by the ticket's department and project."""
