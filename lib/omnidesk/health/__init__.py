"""What `check_connection` looks at, and figures for a monitoring system."""
