"""What has been done: the module's own tables."""
