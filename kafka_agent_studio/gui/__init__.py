"""The window: a front end on the seam (api/, model/) and nothing else. Start reading in application.py."""

import builtins

_import = builtins.__import__

import PySide6.QtCore  # noqa: E402, F401

# PySide6 replaces `import` by one of its own, which searches the source text of every module that is imported from then
# on for the name of PySide6: only so can a module ask for its optional spelling (`from __feature__ import snake_case`).
# Nobody does here, and it is a tenth of a start.
builtins.__import__ = _import
