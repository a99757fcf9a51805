"""A page or dialog in a state, as pictures show it and as tests go over it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from kafka_agent_studio.api.events import Snapshot
from kafka_agent_studio.gui.theme import Theme, ThemeChoice
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive, make_window

SIZE = (1280, 800)


@dataclass(frozen=True, slots=True)
class Shot:
    """What is on screen: a window, or a dialog in front of one. `close` ends it and all behind it."""

    widget: QWidget
    theme: Theme
    close: Callable[[], object]
    window: WindowUnderTest | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What to show: a page in a state; `act` does something on it, `shown` is the part that counts."""

    name: str
    snapshot: Callable[[], Snapshot]
    place: str
    act: Callable[[WindowUnderTest], object] = lambda _window: None
    prepare: Callable[[FakeEngineClient], None] | None = None
    shown: Callable[[WindowUnderTest], QWidget] = lambda window: window.main

    def take(self, *, settings_file: Path, theme: ThemeChoice = ThemeChoice.LIGHT) -> Shot:
        """Bring it to the screen."""
        window = make_window(self.snapshot(), settings_file=settings_file, theme=theme, prepare=self.prepare)
        window.main.resize(*SIZE)
        window.main.show()
        window.go(self.place)
        if not self.name.endswith("-empty"):
            let_messages_arrive(window)
        self.act(window)
        QApplication.processEvents()
        return Shot(self.shown(window), window.parts.theme, window.close, window)


@dataclass(frozen=True, slots=True)
class DialogPicture:
    """A window that stands by itself; `make` gets the theme, returns it and what ends it."""

    name: str
    make: Callable[[Theme], tuple[QWidget, Callable[[], object]]]

    def take(self, *, settings_file: Path, theme: ThemeChoice = ThemeChoice.LIGHT) -> Shot:
        """Bring it to the screen; it keeps no settings, so `settings_file` stays unused."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        dressed = Theme(application=application, choice=theme)
        widget, close = self.make(dressed)
        widget.show()
        QApplication.processEvents()
        return Shot(widget, dressed, close)
