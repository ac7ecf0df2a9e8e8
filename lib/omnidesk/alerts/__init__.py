"""What the administrator is alerted of, the channels, and what was sent already."""
