"""Views by the first word of the addresses they show, each made when it is first asked for.

A window is there sooner when it makes only what it shows; the rest is made while nobody waits for it (`ShelfFiller`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

ViewT = TypeVar("ViewT")

_EVERY_MS = 60


class Shelf(Generic[ViewT]):
    """Makes each view once; `on_made` is called with it before anybody gets it."""

    def __init__(self, *, makers: Mapping[str, Callable[[], ViewT]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, ViewT] = {}
        self.on_made: Callable[[ViewT], object] = lambda _view: None

    def __contains__(self, kind: object) -> bool:
        return kind in self._makers

    def __iter__(self) -> Iterator[ViewT]:
        """The views that were made, in that order."""
        return iter(tuple(self._made.values()))

    @property
    def first(self) -> str:
        """The word that comes first."""
        return next(iter(self._makers))

    def find(self, kind: str) -> ViewT | None:
        """Return the view for a word, made now if it was not yet; None where no view shows such addresses."""
        if kind not in self._made:
            maker = self._makers.get(kind)
            if maker is None:
                return None
            self._made[kind] = made = maker()
            self.on_made(made)
        return self._made[kind]

    def make_one(self) -> bool:
        """Make one that is missing; False: there are all."""
        missing = next((kind for kind in self._makers if kind not in self._made), None)
        return missing is not None and self.find(missing) is not None


class ShelfFiller(QObject):
    """Fills shelves one view at a time, with pauses in which the window is there for the person.

    `filled` comes once there is nothing left to make. `makers` are the shelves' `make_one`, each called until it
    says that there is nothing left to make.
    """

    filled = Signal()

    def __init__(self, *, makers: Sequence[Callable[[], bool]], parent: QObject) -> None:
        super().__init__(parent)
        self._makers = tuple(makers)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def _on_timeout(self) -> None:
        if not any(make_one() for make_one in self._makers):
            self._timer.stop()
            self.filled.emit()
