"""Dialogs that open() and answer by signal, never by exec()."""
