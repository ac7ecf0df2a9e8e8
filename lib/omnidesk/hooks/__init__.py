"""What others start: the webhook and the panel's event handler. Standard library only, and few modules of core."""
