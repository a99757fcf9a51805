"""A link to a place in the window: what it leads to, an icon, and nothing else."""

from PySide6.QtWidgets import QPushButton, QSizePolicy

from kafka_agent_studio.gui.navigation import Navigator
from kafka_agent_studio.gui.theme import Theme


class PlaceLink(QPushButton):
    """Goes to an address; `show_link` gives it another."""

    def __init__(self, *, navigator: Navigator, theme: Theme) -> None:
        super().__init__()
        self._address = ""
        self.setProperty("kind", "link")
        self.setFont(theme.mono)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda _checked=False: navigator.go(self._address))

    def show_link(self, text: str, address: str) -> None:
        """Lead to `address`; without one it is a text."""
        self._address = address
        self.setText(text)
        self.setEnabled(bool(address))
        self.setAccessibleName(f"Open {text}" if address else text)
        self.setToolTip(address)
