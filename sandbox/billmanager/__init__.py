"""A simulated BILLmanager: tables, panel functions, event handlers, mgrctl and the web server."""
