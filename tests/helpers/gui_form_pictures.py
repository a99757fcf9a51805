"""Pictures of the forms, and of what stands in front of or beside the pages."""

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from kafka_agent_studio.api.checks import CheckReport, CheckStage, StageName, StageState
from kafka_agent_studio.api.cluster_commands import ListTopics, TopicSummary
from kafka_agent_studio.api.cluster_commands import TestConnection as CheckConnection
from kafka_agent_studio.api.events import Snapshot
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.dialogs.crash_report import CrashReportDialog
from kafka_agent_studio.gui.dialogs.new_workspace import NewWorkspaceDialog
from kafka_agent_studio.gui.forms.connection_form import ConnectionForm
from kafka_agent_studio.gui.forms.connector_form import ConnectorForm
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.pages.connections import ConnectionsPage
from kafka_agent_studio.gui.pages.connectors import ConnectorsPage
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.welcome import WelcomeWindow
from kafka_agent_studio.gui.workspace_desk import WorkspaceDesk as Opening
from tests.gui.forms.conftest import ORDERS_IN, RESULTS_OUT, STAGING
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_picture import DialogPicture, Picture
from tests.helpers.gui_scene import make_empty_snapshot, make_snapshot, make_workspace
from tests.helpers.gui_window import WindowUnderTest
from tests.helpers.immediate_tasks import ImmediateTasks
from tests.helpers.workspace_desk import WorkspaceDesk

_REPOSITORY = Path(__file__).parents[2]
_PEM_CONNECTION = STAGING.replace("SASL_SSL", "SSL").replace("name: staging", "name: prod").split("  sasl_mechanism")[0]


@cache
def _desk() -> WorkspaceDesk:
    folder = tempfile.mkdtemp(prefix="pictures-")
    root = Path(folder) / "orders"
    for part in ("agents", "tools", "schemas"):
        shutil.copytree(_REPOSITORY / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    desk = WorkspaceDesk(root)
    desk.write(
        {
            "studio.yaml": "name: orders\nproduction: [prod]\n",
            "connections/staging.yaml": STAGING,
            "connections/prod.yaml": _PEM_CONNECTION,
            "connectors/orders-in.yaml": ORDERS_IN,
            "connectors/results-out.yaml": RESULTS_OUT,
        }
    )
    return desk


def forget_files() -> None:
    """Remove the folder that the forms of the pictures show."""
    shutil.rmtree(_desk().root.parent, ignore_errors=True)
    _desk.cache_clear()


def _snapshot() -> Snapshot:
    return make_snapshot(workspace=_desk().workspace(), figures=(), connectors=())


def _files(engine: FakeEngineClient) -> None:
    _desk().answer_for(engine)
    engine.answer(ListTopics, (TopicSummary("orders", 4, 3), TopicSummary("order-results", 4, 3)))


def _refusing_cluster(engine: FakeEngineClient) -> None:
    _files(engine)
    refused = CommandRefused("staging cannot be reached: kafka-1:9092 refused the connection. Is the broker running?")

    def refuse(_command: ListTopics) -> object:
        raise refused

    engine.answer(ListTopics, refuse)


def _connection_form(act: Callable[[ConnectionForm], object]) -> Callable[[WindowUnderTest], None]:
    def on_page(window: WindowUnderTest) -> None:
        page = window.main.page
        assert isinstance(page, ConnectionsPage)
        assert isinstance(page.form, ConnectionForm)
        act(page.form)

    return on_page


def _connector_form(act: Callable[[ConnectorForm], object]) -> Callable[[WindowUnderTest], None]:
    def on_page(window: WindowUnderTest) -> None:
        page = window.main.page
        assert isinstance(page, ConnectorsPage)
        assert isinstance(page.form, ConnectorForm)
        act(page.form)

    return on_page


def _misspell(form: ConnectionForm) -> None:
    form.cluster_fields.servers.line.setText("kafka-1,kafka-2:99999")
    form.name_field.line.setText("Staging Cluster")


_STAGES = (
    CheckStage(StageName.RESOLVE, StageState.OK, "kafka-1 → 10.0.0.4", duration_ms=3),
    CheckStage(StageName.TCP, StageState.OK, "connected", duration_ms=11),
    CheckStage(
        StageName.TLS,
        StageState.FAILED,
        "the certificate is for kafka.internal, not kafka-1",
        "Use kafka.internal:9093, or turn the host name check off for a test",
        4,
    ),
    *(CheckStage(name, StageState.SKIPPED, "tls failed") for name in list(StageName)[3:]),
)


def _check_fails(engine: FakeEngineClient) -> None:
    _files(engine)
    engine.answer(CheckConnection, CheckReport("staging", _STAGES))


def _check_passes(engine: FakeEngineClient) -> None:
    _files(engine)
    well = tuple(CheckStage(name, StageState.OK, f"{name.value} is well", duration_ms=7) for name in StageName)
    engine.answer(CheckConnection, CheckReport("staging", well))


def _ask_to_delete(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, ConnectionsPage)
    page.table.select_key("staging")
    page.delete.click()


def _in_front(action: str) -> Callable[[WindowUnderTest], None]:
    return lambda window: window.parts.actions.qt(action).trigger()


def _dialog(title: str) -> Callable[[WindowUnderTest], QWidget]:
    def find(window: WindowUnderTest) -> QWidget:
        return next(
            widget
            for widget in QApplication.topLevelWidgets()
            if widget.windowTitle() == title and widget.isVisible() and widget.window() is not window.main
        )

    return find


def _new_workspace(window: WindowUnderTest) -> None:
    NewWorkspaceDialog(theme=window.parts.theme, parent=window.main, folder=Path("/home/ada/Documents")).open()


def _crash_report(window: WindowUnderTest) -> None:
    report = 'Traceback (most recent call last):\n  File "kafka_agent_studio/gui/pages/runs.py", line 12\nValueError: 7'
    CrashReportDialog(report=report, theme=window.parts.theme, parent=window.main).open()


class _NoOpener:
    """Knows of no workspace and opens none: the welcome window is only looked at."""

    def recent(self) -> tuple[Path, ...]:
        return ()

    def forget(self, root: Path) -> None:
        """Nothing is remembered."""

    def identity(self, root: Path) -> str:
        return str(root)

    async def open(self, root: Path) -> object:
        raise CommandRefused(f"{root} is not opened here")

    async def create(self, root: Path, *, with_sample: bool) -> object:
        raise CommandRefused(f"{root} is not made here, with_sample={with_sample}")


def _welcome(recent: tuple[Path, ...]) -> Callable[[Theme], tuple[QWidget, Callable[[], object]]]:
    def make(theme: Theme) -> tuple[QWidget, Callable[[], object]]:
        desk = Opening(opener=_NoOpener(), tasks=ImmediateTasks())  # type: ignore[arg-type]
        widget = WelcomeWindow(theme=theme, icons=Icons(theme=theme), desk=desk, recent=recent)
        return widget, widget.close

    return make


def _untrusted() -> Snapshot:
    return make_snapshot(workspace=make_workspace(tools=_desk().workspace().tools), tools_trusted=False)


def _read_only() -> Snapshot:
    return make_snapshot(read_only="Process 4711 on ada-laptop works on this folder. This window looks on.")


FORM_PICTURES: tuple[Picture | DialogPicture, ...] = (
    Picture("connections", _snapshot, "connections", prepare=_files),
    Picture("connections-empty", make_empty_snapshot, "connections", prepare=_files),
    Picture("connection-delete", _snapshot, "connections", _ask_to_delete, _files),
    Picture("connection-form", _snapshot, "connections?edit=staging", prepare=_files),
    Picture("connection-production", _snapshot, "connections?edit=prod", prepare=_files),
    Picture("connection-new", _snapshot, "connections?new=", prepare=_files),
    Picture(
        "connection-paste",
        _snapshot,
        "connections?new=",
        _connection_form(lambda form: form.cluster_fields.start.paste.click()),
        _files,
    ),
    Picture("connection-mistake", _snapshot, "connections?edit=staging", _connection_form(_misspell), _files),
    Picture(
        "check-failed",
        _snapshot,
        "connections?edit=staging",
        _connection_form(lambda form: form.check_button.click()),
        _check_fails,
    ),
    Picture(
        "check-passed",
        _snapshot,
        "connections?edit=staging",
        _connection_form(lambda form: form.check_button.click()),
        _check_passes,
    ),
    Picture("connector-form", _snapshot, "connectors?edit=orders-in", prepare=_files),
    Picture("connector-form-outbound", _snapshot, "connectors?edit=results-out", prepare=_files),
    Picture(
        "connector-form-mistake",
        _snapshot,
        "connectors?edit=orders-in",
        _connector_form(lambda form: form.parts_of.on_failure.fill("dead_letter")),
        _refusing_cluster,
    ),
    Picture("connector-new", _snapshot, "connectors?new=inbound", prepare=_files),
    Picture("link", make_snapshot, "link/orders-in/order-processor"),
    Picture("agent-traffic", make_snapshot, "agent/order-processor"),
    Picture("line", make_snapshot, "line/3"),
    Picture("untrusted", _untrusted, "overview"),
    Picture("read-only", _read_only, "connectors"),
    Picture(
        "palette", make_snapshot, "overview", _in_front("help.palette"), shown=_dialog("Find an action or a place")
    ),
    Picture("shortcuts", make_snapshot, "overview", _in_front("help.shortcuts"), shown=_dialog("Keyboard shortcuts")),
    Picture("new-workspace", make_snapshot, "overview", _new_workspace, shown=_dialog("New workspace")),
    Picture("crash-report", make_snapshot, "overview", _crash_report, shown=_dialog("Crash report")),
    DialogPicture("welcome", _welcome((Path("/home/ada/orders"), Path("/home/ada/work/returns")))),
    DialogPicture("welcome-empty", _welcome(())),
)
