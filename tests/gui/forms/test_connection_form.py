"""The form of a connection, walked through as a person does."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.checks import CheckReport, CheckStage, StageName, StageState
from kafka_agent_studio.api.cluster_commands import TestConnection as CheckConnection
from kafka_agent_studio.api.commands import SaveFiles, SetSecret
from kafka_agent_studio.api.events import CheckStageFinished
from tests.gui.forms.conftest import ORDERS_IN, STAGING, FormsWindow, OpenForms
from tests.helpers.gui_scene import NOW_US

PASSWORD = "correct-horse-battery"


def type_over(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    """Type into a field in place of what is there."""
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def texts_of(root: QWidget) -> str:
    """Everything that a widget and those in it say, to the eye and to a screen reader."""
    texts = []
    for widget in [root, *root.findChildren(QWidget)]:
        texts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(), repr(widget)]
        for read in ("text", "placeholderText", "toPlainText", "currentText"):
            method = getattr(widget, read, None)
            texts.append(str(method()) if callable(method) else "")
    return "\n".join(texts)


def test_a_connection_is_made_by_keyboard_alone(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?new=")
    form = forms.connection_form
    assert form.name_field.line.hasFocus()

    def keys(text: str) -> None:
        QTest.keyClicks(forms.window.main.focusWidget(), text)

    def tab(times: int = 1) -> None:
        for _ in range(times):
            QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_Tab)

    keys("prod")
    tab(3)  # past the presets and the button to paste
    keys("kafka-1:9096")
    tab()
    keys("SASL_SSL")
    tab()
    keys("SCRAM-SHA-512")
    tab()
    keys("svc")
    tab()
    keys(PASSWORD)
    assert form.note == "Save creates connections/prod.yaml."
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    head, _, rest = forms.desk.read("connections/prod.yaml").partition("\n")
    assert head.replace("'", '"') == 'version: "1.0"'
    assert rest == (
        "name: prod\nbootstrap_servers: kafka-1:9096\nsecurity:\n  protocol: SASL_SSL\n"
        "  sasl_mechanism: SCRAM-SHA-512\n  username: svc\n  password_secret: prod\n"
    )
    assert forms.desk.secrets == {"prod": PASSWORD}
    assert forms.desk.workspace().connections["prod"].security.username == "svc"


def test_a_password_is_nowhere_to_be_seen_once_it_is_stored(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    type_over(qtbot, form.cluster_fields.password.line, PASSWORD)
    assert form.note == "Save stores the password; it is used at the next connect."
    form.save.click()
    forms.drain()
    assert forms.desk.secrets == {"staging": PASSWORD}
    line = form.cluster_fields.password.line
    line.setEchoMode(QLineEdit.EchoMode.Normal)
    line.undo()
    line.redo()
    assert PASSWORD not in texts_of(forms.window.main)
    assert all(PASSWORD not in repr(command) for command in forms.engine.commands)
    assert "Stored in the keyring" in form.cluster_fields.password.explanation
    assert forms.desk.read("connections/staging.yaml") == STAGING


def test_a_machine_without_a_keyring_is_offered_this_session_and_the_variable(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.desk.has_keyring = False
    forms.go("connections?edit=staging")
    form = forms.connection_form
    type_over(qtbot, form.cluster_fields.password.line, PASSWORD)
    form.save.click()
    assert "this machine has no keyring" in form.cluster_fields.password.mistake.lower()
    assert form.ask.text.startswith("This machine has no keyring. The password “staging” was not stored:")
    assert "KAFKA_AGENT_STUDIO_SECRET_STAGING" in form.ask.text
    form.ask.press("For this session only")
    assert forms.desk.session == {"staging": PASSWORD}
    assert forms.engine.asked(SetSecret)[-1].session_only
    assert not form.cluster_fields.password.is_typed


def test_without_a_keyring_the_password_says_from_the_start_what_becomes_of_it(
    forms: FormsWindow, qtbot: QtBot
) -> None:
    forms.desk.has_keyring = False
    forms.go("connections?edit=staging")
    password = forms.connection_form.cluster_fields.password
    assert password.explanation == (
        "Missing, and this machine has no keyring: set the variable KAFKA_AGENT_STUDIO_SECRET_STAGING before you start "
        "the program, or type it here for this session only."
    )
    type_over(qtbot, password.line, PASSWORD)
    assert password.explanation == (
        "This machine has no keyring: Save asks whether to keep it for this session only. To have it at every start, "
        "set the variable KAFKA_AGENT_STUDIO_SECRET_STAGING before."
    )
    assert password.explanation in password.line.accessibleDescription()
    forms.connection_form.close_form()
    forms.go("connections?new=")
    assert password.explanation == ("This machine has no keyring: Save asks whether to keep it for this session only.")


def test_without_a_keyring_the_file_is_saved_for_a_variable_that_holds_the_password(
    forms: FormsWindow, qtbot: QtBot
) -> None:
    forms.desk.has_keyring = False
    forms.go("connections?edit=staging")
    form = forms.connection_form
    type_over(qtbot, form.cluster_fields.servers.line, "kafka-3:9092")
    type_over(qtbot, form.cluster_fields.password.line, PASSWORD)
    form.save.click()
    form.ask.press("Save without the password")
    assert "kafka-3:9092" in forms.desk.read("connections/staging.yaml")
    assert forms.desk.secrets == {}
    assert forms.desk.session == {}
    assert not form.cluster_fields.password.is_typed
    assert not form.is_changed


def test_where_a_password_is_that_was_just_named_is_said_before_the_save(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.desk.secrets["shared"] = PASSWORD
    forms.go("connections?edit=staging")
    form = forms.connection_form
    fields = form.cluster_fields
    type_over(qtbot, fields.password_secret.line, "shared")
    form.check_now()
    assert fields.password.explanation == "Stored in the keyring as “shared”. Type to replace it."
    type_over(qtbot, fields.password_secret.line, "other")
    form.check_now()
    assert fields.password.explanation == "Missing: nothing is stored as “other” yet."
    type_over(qtbot, fields.password.line, PASSWORD)
    assert fields.password.explanation == "Goes into the keyring with Save, never into a file."


def test_after_an_answer_the_keyboard_is_where_it_was(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.desk.has_keyring = False
    forms.go("connections?edit=staging")
    form = forms.connection_form
    password = form.cluster_fields.password.line
    type_over(qtbot, password, PASSWORD)
    QTest.keyClick(password, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(form.ask.buttons[-1], Qt.Key.Key_Escape)
    assert forms.window.main.focusWidget() is password
    QTest.keyClick(password, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    session = form.ask.buttons[0]
    session.setFocus()
    QTest.keyClick(session, Qt.Key.Key_Return)
    assert forms.desk.session == {"staging": PASSWORD}
    assert forms.window.main.focusWidget() is password


def test_a_new_connection_is_one_key_away_also_where_there_is_none(open_forms: OpenForms) -> None:
    forms = open_forms({})
    forms.go("connections")
    begin = forms.connections.empty.button
    assert begin is not None
    assert forms.window.main.focusWidget() is begin
    QTest.keyClick(begin, Qt.Key.Key_Return)
    assert forms.connection_form.name_field.line.hasFocus()
    QTest.keyClick(forms.connection_form.name_field.line, Qt.Key.Key_Escape)
    assert not forms.connection_form.is_open
    assert forms.window.main.focusWidget() is begin
    QTest.keyClick(begin, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert forms.connection_form.name_field.line.hasFocus()
    forms.go("connectors")
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert forms.connector_form.title == "New inbound connector"


def test_a_key_chosen_as_a_certificate_is_a_mistake_at_its_field(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.desk.write({"certs/me.key": "-----BEGIN PRIVATE KEY-----\n"})
    forms.go("connections?edit=staging")
    form = forms.connection_form
    type_over(qtbot, form.cluster_fields.ca_file.line, "certs/me.key")
    form.check_now()
    assert "'certs/me.key' holds no certificate" in form.cluster_fields.ca_file.mistake
    assert "it holds a private key" in form.cluster_fields.ca_file.mistake
    assert not form.save.isEnabled()


def test_login_and_encryption_appear_when_the_protocol_needs_them(forms: FormsWindow) -> None:
    forms.go("connections?new=")
    fields = forms.connection_form.cluster_fields
    seen = {}
    for protocol in ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"):
        fields.protocol.fill(protocol)
        seen[protocol] = (fields.login.isVisible(), fields.tls.isVisible())
    assert seen == {
        "PLAINTEXT": (False, False),
        "SSL": (False, True),
        "SASL_PLAINTEXT": (True, False),
        "SASL_SSL": (True, True),
    }
    assert not fields.client_key.isVisible()
    fields.client_cert.fill("certs/me.pem")
    assert fields.client_key.isVisible()


def test_a_save_keeps_comments_and_order(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    type_over(qtbot, form.cluster_fields.servers.line, "kafka-3:9092")
    assert form.note == "Save restarts 2 connectors: orders-in, results-out. Runs in flight finish first."
    form.save.click()
    # the comment behind the value stays in its column
    written = re.sub(" +#", "  #", forms.desk.read("connections/staging.yaml"))
    assert written == STAGING.replace("kafka-1:9092,kafka-2:9092", "kafka-3:9092")
    assert not form.is_changed
    assert not form.save.isEnabled()


def test_mistakes_stand_under_their_field_as_one_types_and_are_told_to_screen_readers(
    forms: FormsWindow, qtbot: QtBot
) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    servers = form.cluster_fields.servers
    type_over(qtbot, servers.line, "kafka-1")
    assert "'kafka-1' is not host:port" in servers.mistake
    assert servers.mistake in servers.line.accessibleDescription()
    assert not form.save.isEnabled()
    assert "kafka-1" in form.note
    type_over(qtbot, servers.line, "kafka-1:9092")
    assert servers.mistake == ""
    assert "Mistake" not in servers.line.accessibleDescription()
    type_over(qtbot, form.name_field.line, "orders-in")
    assert form.name_field.mistake == "There is a connector “orders-in” already."


def test_what_nobody_touched_is_not_called_a_mistake_until_save_is_pressed(forms: FormsWindow) -> None:
    forms.go("connections?new=")
    form = forms.connection_form
    assert form.note == "Still missing: Name, Bootstrap servers."
    assert form.save.toolTip() == "Still missing: Name, Bootstrap servers. (Ctrl+S)"
    form.cluster_fields.servers.line.setFocus()
    assert form.name_field.mistake == ""
    QTest.mouseClick(form.save, Qt.MouseButton.LeftButton)
    assert not form.save.isEnabled()
    assert form.name_field.mistake == "Give it a name."
    assert "Give at least one broker" in form.cluster_fields.servers.mistake
    assert form.name_field.line.hasFocus()


def test_a_field_that_was_emptied_says_that_it_is_needed(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?new=")
    name = forms.connection_form.name_field
    type_over(qtbot, name.line, "a")
    assert name.mistake == ""
    QTest.keyClick(name.line, Qt.Key.Key_Backspace)
    assert name.mistake == "Give it a name."


def test_after_a_save_the_form_stays_though_the_workspace_has_not_heard_of_it_yet(
    forms: FormsWindow, qtbot: QtBot
) -> None:
    def save_unheard(command: SaveFiles) -> dict[str, str | None]:
        forms.desk.write({path: text for path, text in command.changes.items() if text is not None})
        return dict.fromkeys(command.changes)

    forms.engine.answer(SaveFiles, save_unheard)
    forms.go("connections?new=")
    page, form = forms.connections, forms.connection_form
    type_over(qtbot, form.name_field.line, "prod-eu")
    type_over(qtbot, form.cluster_fields.servers.line, "kafka-1:9092")
    form.save.setFocus()
    form.save.click()
    forms.drain()
    assert page.notice.text == "Created prod-eu."
    assert form.isVisible()
    assert form.check_button.hasFocus(), "the focus stays in the form though Save cannot be pressed any more"
    assert page.selected_name is None
    forms.desk.changed()
    forms.drain()
    assert page.notice.text == "Created prod-eu."
    assert page.selected_name == "prod-eu"


def test_all_mistakes_stand_at_their_fields_at_once(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    fields = form.cluster_fields
    type_over(qtbot, form.name_field.line, "Staging Cluster")
    type_over(qtbot, fields.servers.line, "kafka-1,kafka-2:99999")
    type_over(qtbot, fields.ca_file.line, "certs/none.pem")
    type_over(qtbot, fields.username.line, " ")
    form.check_now()
    assert "beginning and ending with a letter or digit" in form.name_field.mistake
    assert "'kafka-1' is not host:port" in fields.servers.mistake
    assert "the port of 'kafka-2:99999' is not one of 1 to 65535" in fields.servers.mistake
    assert fields.ca_file.mistake == "There is no file 'certs/none.pem' in the workspace."
    assert fields.username.mistake == "A login needs a user name."
    assert form.note == "Still missing: User name. To correct: Name, Bootstrap servers, CA certificate."
    type_over(qtbot, form.name_field.line, "team")
    assert "certs/none.pem" in fields.ca_file.mistake, "typing elsewhere does not hide it until the next check"


@pytest.mark.parametrize(
    ("title", "protocol", "mechanism"),
    [
        ("Confluent Cloud", "SASL_SSL", "PLAIN"),
        ("Amazon MSK", "SASL_SSL", "SCRAM-SHA-512"),
        ("Aiven", "SASL_SSL", "SCRAM-SHA-256"),
        ("Redpanda Cloud", "SASL_SSL", "SCRAM-SHA-256"),
    ],
)
def test_a_preset_fills_the_form_and_leads_to_what_is_missing(
    forms: FormsWindow, title: str, protocol: str, mechanism: str
) -> None:
    forms.go("connections?new=")
    fields = forms.connection_form.cluster_fields
    box = fields.start.presets
    box.setCurrentText(title)
    box.activated.emit(box.currentIndex())
    assert (fields.protocol.current, fields.mechanism.current) == (protocol, mechanism)
    assert fields.start.hint
    assert fields.servers.line.hasFocus()
    assert (fields.ca_file.current == "certs/ca.pem") == (title == "Aiven")


def test_a_preset_takes_back_what_the_one_before_it_filled_in(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?new=")
    fields = forms.connection_form.cluster_fields

    def choose(title: str) -> tuple[object, object]:
        box = fields.start.presets
        box.setCurrentText(title)
        box.activated.emit(box.currentIndex())
        return fields.servers.current, fields.ca_file.current

    assert choose("Local") == ("localhost:9092", None)
    assert choose("Aiven") == (None, "certs/ca.pem")
    assert choose("Redpanda Cloud") == (None, None)
    type_over(qtbot, fields.servers.line, "kafka-1:9092")
    fields.ca_file.fill("mine.pem")
    assert choose("Aiven") == ("kafka-1:9092", "mine.pem")
    assert choose("Confluent Cloud") == ("kafka-1:9092", "mine.pem")


@pytest.mark.parametrize("keys", [[Qt.Key.Key_Down] * 4, [Qt.Key.Key_A, Qt.Key.Key_M]])
def test_any_preset_is_reached_with_the_keyboard(forms: FormsWindow, keys: list[Qt.Key]) -> None:
    forms.go("connections?new=")
    fields = forms.connection_form.cluster_fields
    fields.start.presets.setFocus()
    for key in keys:
        view = fields.start.presets.view()
        QTest.keyClick(view if view.isVisible() else forms.window.main.focusWidget(), key)
    assert fields.servers.current is None
    QTest.keyClick(fields.start.presets.view(), Qt.Key.Key_Return)
    assert fields.start.presets.currentText() == "Amazon MSK"
    assert fields.mechanism.current == "SCRAM-SHA-512"
    assert fields.servers.line.hasFocus()


def test_pasted_settings_fill_the_form_and_are_forgotten(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?new=")
    form = forms.connection_form
    fields = form.cluster_fields
    type_over(qtbot, form.name_field.line, "cloud")
    fields.start.paste.click()
    fields.start.text.setPlainText(
        "bootstrap.servers=pkc-1.confluent.cloud:9092\nsecurity.protocol=SASL_SSL\nsasl.mechanisms=PLAIN\n"
        f"sasl.username=KEY\nsasl.password={PASSWORD}\n"
    )
    fields.start.take.click()
    assert fields.servers.current == "pkc-1.confluent.cloud:9092"
    assert (fields.protocol.current, fields.mechanism.current) == ("SASL_SSL", "PLAIN")
    assert (fields.username.current, fields.password_secret.current) == ("KEY", "cloud")
    assert fields.password.is_typed
    for text in form.findChildren(QPlainTextEdit):
        text.undo()
        assert PASSWORD not in text.toPlainText()
    form.save.click()
    assert forms.desk.secrets == {"cloud": PASSWORD}
    assert PASSWORD not in forms.desk.read("connections/cloud.yaml")


def test_what_was_not_understood_is_said(forms: FormsWindow) -> None:
    forms.go("connections?new=")
    start = forms.connection_form.cluster_fields.start
    start.paste.click()
    start.text.setPlainText("hello")
    start.take.click()
    assert "Nothing of that was understood" in start.hint
    assert start.panel.isVisible()


def test_a_pem_file_is_chosen_relative_to_the_workspace(forms: FormsWindow) -> None:
    forms.desk.write({"certs/ca.pem": "-----BEGIN CERTIFICATE-----\n"})
    forms.go("connections?edit=staging")
    field = forms.connection_form.cluster_fields.ca_file
    field.choose.click()
    dialog = field.dialog
    assert isinstance(dialog, QFileDialog)
    assert dialog.isVisible()
    dialog.fileSelected.emit(str(forms.desk.root / "certs/ca.pem"))
    dialog.reject()
    assert field.current == "certs/ca.pem"


def test_a_check_shows_stage_by_stage_what_happens_and_what_to_do(forms: FormsWindow) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    stages = (
        CheckStage(StageName.RESOLVE, StageState.OK, "kafka-1 → 10.0.0.4", duration_ms=3),
        CheckStage(StageName.TCP, StageState.OK, "connected", duration_ms=11),
        CheckStage(StageName.TLS, StageState.FAILED, "the certificate expired yesterday", "Ask for a new one", 4),
        *(CheckStage(n, StageState.SKIPPED, "tls failed") for n in list(StageName)[3:]),
    )
    seen = []

    def check(command: CheckConnection) -> CheckReport:
        for stage in stages[:2]:
            forms.engine.say(CheckStageFinished(NOW_US, command.job_id, stage))
        forms.drain()
        seen.append(form.check.text)
        return CheckReport("staging", stages)

    forms.engine.answer(CheckConnection, check)
    form.check_button.click()
    assert "✓ Resolve: kafka-1 → 10.0.0.4 (3 ms)" in seen[0]
    assert "expired" not in seen[0]
    assert "✗ TLS: The certificate expired yesterday. Ask for a new one. (4 ms)" in form.check.text
    assert "Not reached: Login" in form.check.text
    assert form.check.accessibleName() == "Connection check: failed at “TLS” (18 ms)"


@pytest.mark.parametrize(
    ("remedy", "named"),
    [
        ("set ca_file to the certificate of the authority", "“CA certificate”"),
        ("set the password anew: kafka-agent-studio secret set staging", "“Password”"),
        ("choose SASL_PLAINTEXT, or give the port of its TLS listener", "“Security protocol”"),
        (
            "use the name in the certificate as the bootstrap server, or, if you know why, set verify_hostname: false",
            "“Bootstrap servers” and “The certificate must be for the name that is connected to”",
        ),
        # the client key has its field once there is a certificate
        ("set client_cert_file and client_key_file to what you were given", "“Client certificate”"),
        ("store it with: kas secret set of-another", ""),
        ("check the port", ""),
    ],
)
def test_a_remedy_names_the_field_as_the_form_does(forms: FormsWindow, remedy: str, named: str) -> None:
    stage = CheckStage(StageName.TLS, StageState.FAILED, "it failed", remedy, 4)
    forms.engine.answer(CheckConnection, CheckReport("staging", (stage,)))
    forms.go("connections?edit=staging")
    form = forms.connection_form
    form.check_button.click()
    where = f" In this form: {named}." if named else ""
    assert f"{remedy[1:]}.{where} (4 ms)" in form.check.text


def test_a_check_takes_the_form_as_it_stands_with_the_password_typed(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.engine.answer(CheckConnection, CheckReport("x", ()))
    forms.go("connections?edit=staging")
    form = forms.connection_form
    type_over(qtbot, form.cluster_fields.servers.line, "kafka-9:9092")
    type_over(qtbot, form.cluster_fields.password.line, PASSWORD)
    form.check_button.click()
    (command,) = forms.engine.asked(CheckConnection)
    assert "kafka-9:9092" in (command.text or "")
    assert command.secrets == {"staging": PASSWORD}
    assert PASSWORD not in repr(command)
    assert forms.desk.secrets == {}
    assert forms.desk.read("connections/staging.yaml") == STAGING


def test_production_is_marked_coloured_and_asked_about(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    form.production.check.click()
    assert form.note == "Save marks it as production."
    form.save.click()
    forms.drain()
    assert "production: [staging]" in forms.desk.read("studio.yaml")
    assert form.is_marked
    type_over(qtbot, form.cluster_fields.servers.line, "kafka-7:9092")
    form.save.click()
    assert form.ask.text.startswith("staging is marked as production. Save restarts 2 connectors")
    assert "kafka-7" not in forms.desk.read("connections/staging.yaml")
    form.ask.press("Save on staging")
    assert "kafka-7" in forms.desk.read("connections/staging.yaml")


def test_a_new_name_is_carried_to_who_uses_it_and_undone_as_one(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    type_over(qtbot, form.name_field.line, "team")
    form.save.click()
    forms.drain()
    assert not (forms.desk.root / "connections/staging.yaml").exists()
    assert forms.desk.workspace().connectors["orders-in"].connection == "team"
    assert "# the web shop writes here" in forms.desk.read("connectors/orders-in.yaml")
    form.close_form()
    forms.connections.changes.undo()
    forms.drain()
    assert forms.desk.read("connections/staging.yaml") == STAGING
    assert forms.desk.workspace().connectors["results-out"].connection == "staging"


def test_a_mark_and_a_new_name_leave_alone_what_somebody_wrote_a_moment_before(
    forms: FormsWindow, qtbot: QtBot
) -> None:
    forms.go("connections?edit=staging")
    form = forms.connection_form
    form.production.fill(True)
    type_over(qtbot, form.name_field.line, "team")
    # the window has not heard of it yet
    elsewhere = ORDERS_IN.replace("connection: staging", "connection: other")
    forms.desk.write({"studio.yaml": "production: [other]\n", "connectors/orders-in.yaml": elsewhere})
    form.save.click()
    forms.drain()
    assert forms.desk.read("studio.yaml") == "production: [other, team]\n"
    assert forms.desk.read("connectors/orders-in.yaml") == elsewhere
    assert "connection: team" in forms.desk.read("connectors/results-out.yaml")


def test_deleting_a_connection_shows_who_uses_it_and_can_be_undone(forms: FormsWindow) -> None:
    forms.go("connections")
    page = forms.connections
    page.table.select_key("staging")
    page.delete.click()
    assert page.ask.text == (
        "2 connectors use staging: orders-in, results-out. Without it their files have a mistake. What works goes on "
        "with the old settings until the program ends, also when it is stopped and started; after that it does not "
        "start until its file is corrected."
    )
    page.ask.press("Keep it")
    assert forms.engine.asked(SaveFiles) == []
    page.delete.click()
    page.ask.press("Delete staging")
    forms.drain()
    assert not (forms.desk.root / "connections/staging.yaml").exists()
    assert page.notice.text == "Deleted staging."
    page.changes.undo()
    forms.drain()
    assert forms.desk.read("connections/staging.yaml") == STAGING


def test_a_copy_has_a_name_of_its_own_and_keeps_the_comments(forms: FormsWindow) -> None:
    forms.go("connections")
    forms.connections.table.select_key("staging")
    forms.connections.duplicate.click()
    form = forms.connection_form
    assert form.is_changed
    assert form.name_field.current == "staging-copy"
    form.save.click()
    assert forms.desk.read("connections/staging-copy.yaml") == STAGING.replace("name: staging", "name: staging-copy", 1)


def test_references_to_the_environment_stay_references(open_forms: OpenForms, qtbot: QtBot) -> None:
    text = 'version: "1.0"\nname: env\nbootstrap_servers: ${BROKERS:-localhost:9092}\n'
    forms = open_forms({"connections/env.yaml": text})
    forms.go("connections?edit=env")
    form = forms.connection_form
    assert form.cluster_fields.servers.current == "${BROKERS:-localhost:9092}"
    assert form.cluster_fields.servers.mistake == ""
    form.cluster_fields.protocol.fill("SSL")
    form.save.click()
    assert "bootstrap_servers: ${BROKERS:-localhost:9092}\n" in forms.desk.read("connections/env.yaml")


def test_the_name_of_a_typed_password_follows_the_name_of_the_connection(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connections?new=")
    form = forms.connection_form
    fields = form.cluster_fields
    fields.protocol.fill("SASL_SSL")
    type_over(qtbot, fields.servers.line, "kafka-1:9093")
    type_over(qtbot, fields.username.line, "svc")
    type_over(qtbot, fields.password.line, PASSWORD)
    assert not fields.password_secret.current
    type_over(qtbot, form.name_field.line, "team")
    assert fields.password_secret.current == "team"
    type_over(qtbot, fields.password_secret.line, "mine")
    type_over(qtbot, form.name_field.line, "other")
    assert fields.password_secret.current == "mine"
    form.save.click()
    assert forms.desk.secrets == {"mine": PASSWORD}
