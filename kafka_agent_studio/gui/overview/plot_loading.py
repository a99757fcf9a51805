"""Loads pyqtgraph, in turns, and whatever of it is of Qt on the window's thread alone.

As it is imported it looks at every class of Qt, and PySide6 makes each when it is first looked at. That takes a tenth
of a second in one go; and where another thread does it while the window works, the process may end in a crash. What is
left for the last turn, its own modules, takes another tenth: once, while the window is still making its pages.
"""

import asyncio
import importlib
from time import perf_counter

from PySide6 import QtCore, QtGui, QtWidgets

_TURN_S = 0.006
_BETWEEN_S = 0.004


async def load_pyqtgraph() -> None:
    """Return once it is there; awaited on the window's thread. What is not of Qt, numpy, is loaded beside it."""
    await asyncio.to_thread(importlib.import_module, "numpy")
    until_s = perf_counter() + _TURN_S
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name)
            if perf_counter() > until_s:
                await asyncio.sleep(_BETWEEN_S)
                until_s = perf_counter() + _TURN_S
    importlib.import_module("pyqtgraph")
