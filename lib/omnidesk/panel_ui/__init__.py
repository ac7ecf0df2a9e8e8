"""The panel's side for administrators: settings, custom fields and the list of what is due, as forms and lists.

The panel draws them from etc/xml/billmgr_mod_omnidesk.xml and asks this package for their content, see
:mod:`omnidesk.panel_ui.serve`. Nothing else of the module imports it.
"""
