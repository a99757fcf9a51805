"""The window where there is no workspace yet: open one, make one, or see the sample at work."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, QStandardPaths, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kafka_agent_studio.gui.dialogs.new_workspace import NewWorkspaceDialog
from kafka_agent_studio.gui.icons import Icons, brand_mark
from kafka_agent_studio.gui.theme import GAP, MARGIN, ROW_HEIGHT, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, hairline, label
from kafka_agent_studio.gui.widgets.notice_bar import NoticeBar
from kafka_agent_studio.gui.workspace_desk import WorkspaceDesk

_SIZE = (760, 520)
_MARK = 48
_ROOT = Qt.ItemDataRole.UserRole
_SAMPLE = "orders-sample"


class WelcomeWindow(QWidget):
    """`closed` comes once, when it is gone; what was opened comes from the desk."""

    closed = Signal()

    def __init__(self, *, theme: Theme, icons: Icons, desk: WorkspaceDesk, recent: Sequence[Path]) -> None:
        super().__init__()
        self.setWindowTitle("Kafka Agent Studio")
        self.resize(*_SIZE)
        self._theme = theme
        self._desk = desk
        self.notices = NoticeBar(theme=theme, icons=icons)
        self.sample = button(
            "See the sample at work", self._on_sample, kind="primary", icon=icons.icon("play", Tone.ON_ACCENT)
        )
        self.new = button("New workspace…", self._on_new, icon=icons.icon("plus"))
        self.folder = button("Open a folder…", lambda: desk.choose_folder(self), icon=icons.icon("folder-open"))
        self.recent = QListWidget()
        self.recent.setAccessibleName("Recent workspaces")
        self.recent.setFont(theme.font())
        self.recent.itemActivated.connect(lambda item: desk.open(Path(item.data(_ROOT))))
        self.recent.itemClicked.connect(lambda item: desk.open(Path(item.data(_ROOT))))
        for root in recent:
            item = QListWidgetItem(icons.icon("folder"), f"{root.name}    {root.parent}")
            item.setData(_ROOT, str(root))
            item.setSizeHint(QSize(0, ROW_HEIGHT + SPACE))
            self.recent.addItem(item)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addLayout(self._heading())
        column.addSpacing(MARGIN)
        column.addWidget(hairline())
        across = QHBoxLayout()
        across.setContentsMargins(MARGIN * 2, MARGIN, MARGIN * 2, MARGIN * 2)
        across.setSpacing(MARGIN * 2)
        across.addLayout(self._choices(), 1)
        if recent:
            across.addLayout(self._recent_ones(), 1)
        column.addLayout(across, 1)
        desk.began.connect(self._on_began)
        desk.refused.connect(self._on_refused)
        theme.dress(self)
        self.sample.setFocus()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """What can be pressed, from the top."""
        return (self.sample, self.new, self.folder)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that it is gone."""
        super().closeEvent(event)
        self.closed.emit()

    def _heading(self) -> QHBoxLayout:
        mark = QLabel()
        picture = brand_mark(round(_MARK * self.devicePixelRatioF()), self._theme)
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        mark.setPixmap(picture)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label("Kafka Agent Studio", font=self._theme.title))
        words.addWidget(label("Connect agents to Apache Kafka, and watch what they do.", tone=Tone.MUTED))
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN * 2, MARGIN * 2, MARGIN * 2, 0)
        row.setSpacing(MARGIN)
        row.addWidget(mark)
        row.addLayout(words, 1)
        return row

    def _choices(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(SPACE)
        for made, text in (
            (
                self.sample,
                f"Two agents on a broker inside this program: no account, no key. Made in {self._sample_root()}.",
            ),
            (self.new, "A folder of plain files, made for git. Three steps lead from there to a running pipeline."),
            (self.folder, "One that you or somebody else made. Its tools run only once you trust it."),
        ):
            column.addWidget(made)
            column.addWidget(label(text, tone=Tone.MUTED, is_wrapped=True))
            column.addSpacing(MARGIN)
        column.addStretch(1)
        return column

    def _recent_ones(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(GAP)
        column.addWidget(label("Recent", font=self._theme.heading))
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        inside.addWidget(self.recent)
        column.addWidget(card, 1)
        return column

    def _sample_root(self) -> Path:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(documents or Path.home()) / _SAMPLE

    def _on_sample(self) -> None:
        self._desk.show_sample(self._sample_root())

    def _on_new(self) -> None:
        dialog = NewWorkspaceDialog(theme=self._theme, parent=self, folder=self._sample_root().parent)
        dialog.chosen.connect(lambda root, with_sample: self._desk.create(root, with_sample=with_sample))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_began(self, text: str) -> None:
        self.notices.say(text, tone=Tone.ACCENT)
        self._let_choose(False)

    def _on_refused(self, text: str) -> None:
        self.notices.say(text)
        self._let_choose(True)

    def _let_choose(self, may: bool) -> None:
        for made in (*self.buttons, self.recent):
            made.setEnabled(may)
