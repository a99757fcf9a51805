"""Pages that belong together, as tabs in the place of a title."""

from collections.abc import Sequence

from PySide6.QtWidgets import QTabBar


def page_tabs(tabs: Sequence[tuple[str, str]], address: str, *, name: str) -> QTabBar:
    """Return tabs for (address, title), with the one of `address` chosen; `name` is for the screen reader."""
    made = QTabBar()
    made.setAccessibleName(name)
    made.setDrawBase(False)
    made.setExpanding(False)
    for _, title in tabs:
        made.addTab(title)
    made.setCurrentIndex([known for known, _ in tabs].index(address))
    return made
