"""The form of a connector, walked through as a person does."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.browse import CancelJob
from kafka_agent_studio.api.checks import CheckReport, CheckStage, StageName, StageState
from kafka_agent_studio.api.cluster_commands import (
    CreateTopic,
    DescribeGroup,
    GroupDescription,
    GroupMemberState,
    GroupSummary,
    ListGroups,
    ListTopics,
    TopicSummary,
)
from kafka_agent_studio.api.cluster_commands import TestConnection as CheckConnection
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.pages.connections import ConnectionsPage
from kafka_agent_studio.gui.pages.connectors import ConnectorsPage
from tests.gui.forms.conftest import ORDERS_IN, RESULTS_OUT, STAGING, FormsWindow, OpenForms

OWN = "(its own settings)"


def type_over(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    """Type into a field in place of what is there."""
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def test_an_inbound_connector_is_made_by_keyboard_alone(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?new=inbound")
    form = forms.connector_form
    assert form.topic.field.line.hasFocus()
    QTest.keyClicks(form.topic.field.line, "shipments")
    assert form.name_field.current == "shipments-in"
    QTest.keyClick(form.topic.field.line, Qt.Key.Key_Tab)
    for _ in range(12):
        focus = forms.window.main.focusWidget()
        if focus is form.parts_of.agents.boxes["event-correlator"]:
            break
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_Space)
    assert form.note == "Save creates connectors/shipments-in.yaml and starts it."
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    forms.drain()
    made = forms.desk.workspace().connectors["shipments-in"]
    assert (made.connection, made.topic, made.agents) == ("staging", "shipments", ("event-correlator",))
    assert forms.connectors.notice.text == "Created shipments-in."


def test_an_outbound_connector_says_what_it_publishes_and_of_whom(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?new=outbound")
    form = forms.connector_form
    assert not form.parts_of.group.isVisible()
    type_over(qtbot, form.topic.field.line, "scores")
    form.parts_of.agents.boxes["order-processor"].click()
    form.parts_of.inputs.boxes["orders-in"].click()
    form.parts_of.payload.fill("output")
    form.parts_of.publish.fill("all")
    assert "needs payload: envelope" in form.parts_of.publish.mistake
    form.parts_of.publish.fill("completed")
    form.parts_of.skip_empty.check.click()
    form.save.click()
    text = forms.desk.read("connectors/scores-out.yaml")
    assert "inputs: [orders-in]" in text
    assert "payload: output" in text
    assert "skip_empty: true" in text
    assert "publish" not in text
    assert "allow_loop" not in text


def test_the_dead_letter_topic_is_asked_for_when_it_is_needed(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    assert not form.dead_letter.isVisible()
    form.parts_of.on_failure.fill("dead_letter")
    assert form.dead_letter.isVisible()
    assert not form.save.isEnabled()
    assert form.note == "Dead letter topic: Where should failed messages go?"
    type_over(qtbot, form.dead_letter.field.line, "orders")
    assert "every dead letter would come back" in form.dead_letter.field.mistake
    type_over(qtbot, form.dead_letter.field.line, "orders.dlq")
    form.save.click()
    assert forms.desk.read("connectors/orders-in.yaml") == (
        ORDERS_IN + "on_failure: dead_letter\ndead_letter_topic: orders.dlq\n"
    )


def test_a_mistake_that_only_the_whole_workspace_shows_stands_at_its_field(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=results-out")
    form = forms.connector_form
    type_over(qtbot, form.topic.field.line, "orders")
    with qtbot.waitSignal(form.ask.answered, timeout=1, raising=False):
        form.check_now()
    assert "loop" in form.topic.field.mistake.lower() or "loop" in form.note.lower()
    assert not form.save.isEnabled()
    form.parts_of.allow_loop.check.click()
    form.check_now()
    assert form.save.isEnabled()


def test_topics_are_offered_and_a_missing_one_is_created_from_the_form(forms: FormsWindow, qtbot: QtBot) -> None:
    topics = [TopicSummary("orders", 4, 3), TopicSummary("shipments", 1, 3)]
    forms.engine.answer(ListTopics, lambda _command: tuple(topics))
    forms.go("connectors?new=inbound")
    field = forms.connector_form.topic.field
    assert field.offered == ["orders", "shipments"]
    assert field.about == "2 topics on staging: type, or open the list."
    type_over(qtbot, field.line, "orders")
    assert field.about == "On staging, with 4 partitions."
    type_over(qtbot, field.line, "payments")
    assert field.about == "There is no topic “payments” on staging yet."
    field.action.click()
    panel = forms.connector_form.topic.panel
    type_over(qtbot, panel.partitions.line, "0")
    assert not panel.create_button.isEnabled()
    type_over(qtbot, panel.partitions.line, "6")
    assert panel.create_button.text() == "Create payments on staging"
    topics.append(TopicSummary("payments", 6, 3))
    panel.create_button.click()
    assert forms.engine.asked(CreateTopic) == [CreateTopic("staging", "payments", 6)]
    assert field.about == "On staging, with 6 partitions."
    assert not panel.isVisible()


def test_enter_on_cancel_creates_no_topic_and_no_connection(open_forms: OpenForms, qtbot: QtBot) -> None:
    own = ORDERS_IN.replace("connection: staging", "bootstrap_servers: kafka-1:9092")
    forms = open_forms({"connections/staging.yaml": STAGING, "connectors/orders-in.yaml": own})
    forms.go("connectors?new=inbound")
    form = forms.connector_form
    type_over(qtbot, form.topic.field.line, "payments")
    QTest.keyClick(form.topic.field.action, Qt.Key.Key_Return)
    panel = form.topic.panel
    assert panel.isVisible()
    QTest.keyClick(panel.leave, Qt.Key.Key_Return)
    assert not panel.isVisible()
    assert forms.engine.asked(CreateTopic) == []
    form.close_form()
    forms.go("connectors?edit=orders-in")
    save_as = forms.connector_form.save_as
    save_as.open_button.click()
    type_over(qtbot, save_as.name.line, "team")
    QTest.keyClick(save_as.leave, Qt.Key.Key_Return)
    assert save_as.open_button.isVisible()
    assert "team" not in forms.desk.workspace().connections


def test_why_topics_cannot_be_listed_or_created_is_said_with_a_second_try(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.engine.answer(ListTopics, CommandRefused("kafka-1:9092 refuses connections"))
    forms.go("connectors?new=inbound")
    field = forms.connector_form.topic.field
    assert field.about == "The topics of staging cannot be listed: kafka-1:9092 refuses connections."
    forms.engine.answer(ListTopics, (TopicSummary("orders", 4, 3),))
    field.action.click()
    assert field.offered == ["orders"]
    type_over(qtbot, field.line, "payments")
    field.action.click()
    forms.engine.answer(CreateTopic, CommandRefused("This login may not create topics."))
    panel = forms.connector_form.topic.panel
    panel.create_button.click()
    assert panel.text == "This login may not create topics."
    assert panel.create_button.isEnabled()


def test_a_topic_on_production_is_created_only_after_a_question(open_forms: OpenForms, qtbot: QtBot) -> None:
    forms = open_forms({"connections/staging.yaml": STAGING, "studio.yaml": "production: [staging]\n"})
    forms.go("connectors?new=inbound")
    form = forms.connector_form
    assert form.is_marked
    type_over(qtbot, form.topic.field.line, "payments")
    form.topic.field.action.click()
    form.topic.panel.create_button.click()
    assert form.ask.text == "staging is marked as production. Create the topic payments there?"
    assert forms.engine.asked(CreateTopic) == []
    form.ask.press("Create on staging")
    assert forms.engine.asked(CreateTopic) == [CreateTopic("staging", "payments")]


def test_a_group_says_who_reads_in_it(forms: FormsWindow, qtbot: QtBot) -> None:
    member = GroupMemberState("billing", "/10.0.0.9", (("orders", 0),))
    forms.engine.answer(ListGroups, (GroupSummary("billing", "STABLE"),))
    forms.engine.answer(DescribeGroup, GroupDescription("billing", "STABLE", False, (member,), (), 12))
    forms.go("connectors?edit=orders-in")
    group = forms.connector_form.parts_of.group
    assert group.line.placeholderText() == "kafka-agent-studio.orders.orders-in"
    type_over(qtbot, group.line, "billing")
    assert "billing (10.0.0.9)" in group.about
    assert "12 messages behind" in group.about
    type_over(qtbot, group.line, "billing-2")
    assert group.about == "A new group."


def test_settings_of_its_own_become_a_connection_in_one_step(open_forms: OpenForms, qtbot: QtBot) -> None:
    own = ORDERS_IN.replace("connection: staging", "bootstrap_servers: kafka-1:9092")
    forms = open_forms({"connectors/orders-in.yaml": own})
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    assert form.cluster.current == OWN
    assert form.cluster_fields.isVisible()
    form.save_as.open_button.click()
    type_over(qtbot, form.save_as.name.line, "orders-in")
    assert form.save_as.name.mistake == "“orders-in” is taken already."
    type_over(qtbot, form.save_as.name.line, "team")
    form.save_as.save_button.click()
    forms.drain()
    workspace = forms.desk.workspace()
    assert workspace.connections["team"].bootstrap_servers == "kafka-1:9092"
    assert workspace.connectors["orders-in"].connection == "team"
    assert "bootstrap_servers" not in forms.desk.read("connectors/orders-in.yaml")
    assert "# the web shop writes here" in forms.desk.read("connectors/orders-in.yaml")
    forms.connectors.changes.undo()
    assert forms.desk.read("connectors/orders-in.yaml") == own
    assert not (forms.desk.root / "connections/team.yaml").exists()
    assert not forms.connectors.changes.can_undo
    forms.connectors.changes.redo()
    assert forms.desk.workspace().connectors["orders-in"].connection == "team"


def test_a_connection_that_is_there_meanwhile_is_not_overwritten_by_a_connectors_own_settings(
    open_forms: OpenForms, qtbot: QtBot
) -> None:
    own = ORDERS_IN.replace("connection: staging", "bootstrap_servers: kafka-1:9092")
    forms = open_forms({"connectors/orders-in.yaml": own})
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    form.save_as.open_button.click()
    type_over(qtbot, form.save_as.name.line, "team")
    forms.desk.write({"connections/team.yaml": STAGING.replace("name: staging", "name: team")})
    form.save_as.save_button.click()
    forms.drain()
    assert "connections/team.yaml was changed meanwhile" in form.note
    assert "kafka-2:9092" in forms.desk.read("connections/team.yaml")
    assert forms.desk.read("connectors/orders-in.yaml") == own


def test_the_topics_of_a_connection_just_saved_are_offered_once_the_workspace_knows_it(
    forms: FormsWindow, qtbot: QtBot
) -> None:
    forms.engine.answer(ListTopics, (TopicSummary("orders", 4, 3),))
    forms.go("connectors?new=inbound")
    form = forms.connector_form
    form.cluster.fill(OWN)
    type_over(qtbot, form.cluster_fields.servers.line, "kafka-1:9092")
    assert form.topic.field.offered == []
    form.save_as.open_button.click()
    type_over(qtbot, form.save_as.name.line, "team")
    form.save_as.save_button.click()
    forms.drain()
    assert form.cluster.current == "team"
    assert form.topic.field.offered == ["orders"]


def test_what_changes_on_disk_is_taken_over_beside_what_one_changed_here(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    form.parts_of.ordering.fill("none")
    forms.someone_writes({"connectors/orders-in.yaml": ORDERS_IN + "max_in_flight: 8  # slow agents\n"})
    assert form.ask.text == ""
    assert form.parts_of.max_in_flight.current == 8
    assert form.parts_of.ordering.current == "none"
    form.save.click()
    assert forms.desk.read("connectors/orders-in.yaml") == (
        ORDERS_IN + "max_in_flight: 8  # slow agents\nordering: none\n"
    )


def test_a_new_connector_begins_with_the_agent_that_asked_for_it(forms: FormsWindow) -> None:
    forms.go("connectors?new=outbound&agent=order-processor")
    form = forms.connector_form
    assert form.fields["agents"].current == ["order-processor"]
    assert form.title == "New outbound connector"
    form.close_form()
    forms.go("connectors?new=inbound&agent=nobody")
    assert form.fields["agents"].current in (None, [])


def test_a_conflict_is_asked_about_in_place(forms: FormsWindow, qtbot: QtBot) -> None:
    theirs = ORDERS_IN.replace("topic: orders", "topic: orders-v2")
    for answer, topic in (("Take theirs", "orders-v2"), ("Keep mine", "mine")):
        forms.someone_writes({"connectors/orders-in.yaml": ORDERS_IN})
        forms.go("connectors?edit=orders-in")
        form = forms.connector_form
        type_over(qtbot, form.topic.field.line, "mine")
        forms.someone_writes({"connectors/orders-in.yaml": theirs})
        assert form.ask.text == (
            "connectors/orders-in.yaml was changed meanwhile, and so was the same here: Topic (theirs: orders-v2). "
            "Below stands yours."
        )
        assert form.topic.field.current == "mine"
        assert not form.save.isEnabled()
        form.ask.press(answer)
        assert form.topic.field.current == topic
        assert form.is_changed == (answer == "Keep mine")
        form.close_form()


def test_a_conflict_neither_disturbs_who_is_typing_nor_lets_the_text_be_lost(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    line = form.topic.field.line
    type_over(qtbot, line, "mie")
    QTest.keyClick(line, Qt.Key.Key_Left)
    forms.someone_writes({"connectors/orders-in.yaml": ORDERS_IN.replace("topic: orders", "topic: orders-v2")})
    assert form.ask.isVisible()
    QTest.keyClicks(forms.window.main.focusWidget(), "n")
    assert form.topic.field.current == "mine"
    assert forms.connectors.has_unsaved
    # what is changed once more, elsewhere in the file, neither answers the question nor is undone by the answer
    again = ORDERS_IN.replace("topic: orders", "topic: orders-v2") + "max_in_flight: 8\n"
    forms.someone_writes({"connectors/orders-in.yaml": again})
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert forms.desk.read("connectors/orders-in.yaml") == again
    assert form.ask.buttons[-1].hasFocus()
    form.ask.press("Take theirs")
    assert form.topic.field.current == "orders-v2"
    assert form.parts_of.max_in_flight.current == 8
    assert not form.is_changed


def test_a_conflict_stays_one_until_it_is_answered_whatever_is_asked_meanwhile(
    forms: FormsWindow, qtbot: QtBot
) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    line = form.topic.field.line
    type_over(qtbot, line, "mine")
    theirs = ORDERS_IN.replace("topic: orders", "topic: orders-v2")
    forms.someone_writes({"connectors/orders-in.yaml": theirs})
    conflict = form.ask.text
    assert "theirs: orders-v2" in conflict

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(forms.window.main.focusWidget(), key, modifier)

    press(Qt.Key.Key_Escape)
    assert form.ask.text == "orders-in is not saved."
    press(Qt.Key.Key_Escape)
    assert form.ask.text == conflict
    assert line.hasFocus()
    # asked for by Save, it is no question that Esc answers
    press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert form.ask.buttons[-1].hasFocus()
    press(Qt.Key.Key_Escape)
    assert form.ask.text == conflict
    assert line.hasFocus()
    # and what comes on top of it is asked about together with it
    again = theirs.replace("[order-processor]", "[event-correlator]")
    form.fields["agents"].fill([])
    forms.someone_writes({"connectors/orders-in.yaml": again})
    assert "Topic (theirs: orders-v2)" in form.ask.text
    assert "Agents (theirs: event-correlator)" in form.ask.text
    form.save.click()
    form.save_asked.emit()
    assert forms.desk.read("connectors/orders-in.yaml") == again
    form.ask.press("Keep mine")
    assert form.ask.text == ""
    form.save.click()
    assert "topic: mine" in forms.desk.read("connectors/orders-in.yaml")


def test_a_conflict_that_comes_while_something_else_is_asked_is_asked_about_next(
    open_forms: OpenForms, qtbot: QtBot
) -> None:
    files = {
        "studio.yaml": "production: [staging]\n",
        "connections/staging.yaml": STAGING,
        "connectors/orders-in.yaml": ORDERS_IN,
    }
    forms = open_forms(files)
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    type_over(qtbot, form.topic.field.line, "mine")
    form.save.click()
    assert form.ask.text.startswith("staging is marked as production.")
    theirs = ORDERS_IN.replace("topic: orders", "topic: orders-v2")
    forms.someone_writes({"connectors/orders-in.yaml": theirs})
    assert form.ask.text.startswith("staging is marked as production.")
    form.ask.press("Save on staging")
    assert "theirs: orders-v2" in form.ask.text
    assert forms.desk.read("connectors/orders-in.yaml") == theirs


def test_that_a_file_was_deleted_is_said_without_a_word_to_whoever_is_typing(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    line = form.topic.field.line
    type_over(qtbot, line, "mie")
    QTest.keyClick(line, Qt.Key.Key_Left)
    path = forms.desk.root / "connectors/orders-in.yaml"
    path.unlink()
    forms.desk.changed()
    forms.drain()
    assert "was deleted meanwhile" in form.ask.text
    QTest.keyClicks(forms.window.main.focusWidget(), "n")
    assert form.topic.field.current == "mine"
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_Escape)
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_Escape)
    assert "was deleted meanwhile" in form.ask.text
    assert not path.exists()
    # an editor that writes a file anew, or git, puts it back a moment later
    forms.someone_writes({"connectors/orders-in.yaml": ORDERS_IN})
    assert form.ask.text == ""
    form.save.click()
    assert path.read_text() == ORDERS_IN.replace("topic: orders", "topic: mine")


def test_a_file_that_somebody_deleted_is_not_written_again_unasked(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    type_over(qtbot, form.topic.field.line, "mine")
    (forms.desk.root / "connectors/orders-in.yaml").unlink()
    forms.desk.changed()
    forms.drain()
    assert "was deleted meanwhile" in form.ask.text
    form.ask.press("Discard")
    assert not form.isVisible()


def test_esc_asks_only_when_something_would_be_lost(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    form.topic.field.line.setFocus()
    QTest.keyClick(form.topic.field.line, Qt.Key.Key_Escape)
    assert not form.isVisible()
    forms.go("connectors?edit=orders-in")
    type_over(qtbot, form.topic.field.line, "other")
    QTest.keyClick(form.topic.field.line, Qt.Key.Key_Escape)
    assert form.ask.text == "orders-in is not saved."
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_Escape)
    assert form.isVisible()
    assert form.topic.field.current == "other"
    QTest.keyClick(forms.window.main.focusWidget(), Qt.Key.Key_Escape)
    form.ask.press("Discard")
    assert not form.isVisible()
    assert forms.desk.read("connectors/orders-in.yaml") == ORDERS_IN


def test_the_window_does_not_close_over_a_form_that_is_not_saved(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    type_over(qtbot, forms.connector_form.topic.field.line, "other")
    forms.window.main.close()
    assert forms.window.main.isVisible()
    assert "not saved" in forms.window.main.notices.text


def test_another_form_is_opened_only_once_this_one_is_saved_or_given_up(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    type_over(qtbot, form.topic.field.line, "other")
    forms.go("connectors?edit=results-out")
    assert form.title == "orders-in"
    form.ask.press("Save")
    forms.drain()
    assert form.title == "results-out"
    assert "topic: other" in forms.desk.read("connectors/orders-in.yaml")


def test_delete_is_undone_and_done_again_by_keys(forms: FormsWindow, qtbot: QtBot) -> None:
    table = forms.connectors.table
    table.select_key("results-out")
    table.setFocus()
    path = forms.desk.root / "connectors/results-out.yaml"
    QTest.keyClick(table, Qt.Key.Key_Delete)
    forms.drain()
    assert not path.exists()
    QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    forms.drain()
    assert path.read_text() == RESULTS_OUT
    shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(table, Qt.Key.Key_Z, shift)
    assert not path.exists()


def test_an_older_notice_offers_no_undo_of_what_was_done_on_another_page(forms: FormsWindow) -> None:
    forms.go("connectors")
    connectors = forms.connectors
    connectors.table.select_key("results-out")
    connectors.delete_selected()
    forms.drain()
    assert connectors.notice.text == "Deleted results-out."
    assert connectors.notice.isVisible()
    forms.go("connections?new=")
    form = forms.connection_form
    form.name_field.fill("other")
    form.cluster_fields.servers.fill("kafka-9:9092")
    form.save.click()
    forms.drain()
    forms.go("connectors")
    assert not connectors.notice.isVisible()


def test_an_undo_over_what_somebody_else_wrote_is_refused_in_words(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    type_over(qtbot, form.topic.field.line, "mine")
    form.save.click()
    forms.someone_writes({"connectors/orders-in.yaml": ORDERS_IN})
    forms.connectors.changes.undo()
    assert "was changed meanwhile by someone else" in forms.connectors.notice.text
    assert forms.desk.read("connectors/orders-in.yaml") == ORDERS_IN


def test_a_form_that_is_not_whole_yet_has_its_connection_checked(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.engine.answer(CheckConnection, CheckReport("staging", ()))
    forms.go("connectors?new=inbound")
    form = forms.connector_form
    form.check_button.click()
    assert forms.engine.asked(CheckConnection)[-1].name == "staging"
    type_over(qtbot, form.topic.field.line, "orders")
    form.check_button.click()
    assert "topic: orders" in (forms.engine.asked(CheckConnection)[-1].text or "")


def test_every_field_has_a_name_a_line_of_explanation_and_its_place_in_the_order_of_tab(forms: FormsWindow) -> None:
    for address in ("connectors?new=inbound", "connectors?new=outbound"):
        forms.go(address)
        form = forms.connector_form
        for key, field in form.fields.items():
            if key.startswith(("bootstrap", "security")):
                continue
            assert field.title
            assert field.explanation, key
            assert field.editor.accessibleName() == field.title
        form.close_form()


@pytest.mark.parametrize(
    "address", ["connections?edit=staging", "connectors?edit=orders-in", "connectors?new=outbound"]
)
def test_tab_leads_through_the_form_once_and_out_of_it(forms: FormsWindow, address: str) -> None:
    forms.go(address)
    page = forms.window.main.page
    assert isinstance(page, ConnectionsPage | ConnectorsPage)
    form = page.form
    form.leave.setFocus()
    walked = []
    while form.isAncestorOf(forms.window.main.focusWidget()):
        walked.append(forms.window.main.focusWidget())
        QTest.keyClick(walked[-1], Qt.Key.Key_Tab)
        assert len(walked) < 60, "Tab goes round within the form"
    assert len(set(walked)) == len(walked)
    assert walked[-1] is form.check_button


def test_a_production_connection_is_coloured_in_the_list_and_asked_about_before_a_delete(open_forms: OpenForms) -> None:
    forms = open_forms(
        {
            "connections/staging.yaml": STAGING,
            "connectors/orders-in.yaml": ORDERS_IN,
            "studio.yaml": "production: [staging]\n",
        }
    )
    page = forms.connectors
    page.table.select_key("orders-in")
    row = page.table.selected
    assert row is not None
    assert row.is_production
    page.delete.click()
    assert page.ask.text.startswith("orders-in works on staging, which is marked as production.")
    assert (forms.desk.root / "connectors/orders-in.yaml").exists()
    page.ask.press("Delete orders-in")
    assert not (forms.desk.root / "connectors/orders-in.yaml").exists()


def test_beside_another_engine_a_form_can_be_read_and_not_saved(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.window.bridge.view.read_only = "engine 4711 on host a has it"
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    assert form.topic.field.current == "orders"
    type_over(qtbot, form.topic.field.line, "other")
    assert not form.save.isEnabled()
    assert form.note == "engine 4711 on host a has it"


def test_a_new_name_is_carried_to_the_inputs_of_others(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    type_over(qtbot, form.name_field.line, "web-orders")
    assert form.note.endswith("With its new name it reads in a new group.")
    form.save.click()
    forms.drain()
    workspace = forms.desk.workspace()
    assert set(workspace.connectors) == {"web-orders", "results-out"}
    assert "inputs: [web-orders]" in forms.desk.read("connectors/results-out.yaml")


def test_a_new_name_takes_nothing_away_that_somebody_wrote_a_moment_before(forms: FormsWindow, qtbot: QtBot) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    type_over(qtbot, form.name_field.line, "web-orders")
    # the window has not heard of it yet
    forms.desk.write({"connectors/results-out.yaml": RESULTS_OUT.replace("[orders-in]", "[billing-in, orders-in]")})
    form.save.click()
    forms.drain()
    assert "inputs: [billing-in, web-orders]" in forms.desk.read("connectors/results-out.yaml")


def test_a_remedy_names_no_field_that_is_in_another_form(forms: FormsWindow) -> None:
    remedy = "set ca_file, or set group_id to a group that you may use"
    stage = CheckStage(StageName.TLS, StageState.FAILED, "it failed", remedy, 4)
    forms.engine.answer(CheckConnection, CheckReport("staging", (stage,)))
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    form.check_button.click()
    assert f"In this form: “{form.parts_of.group.title}”. (4 ms)" in form.check.text


def test_a_check_can_be_cancelled_and_says_so(forms: FormsWindow) -> None:
    forms.go("connectors?edit=orders-in")
    form = forms.connector_form
    seen = []

    def check(command: CheckConnection) -> CheckReport:
        form.check.cancel.click()
        seen.append(command.job_id)
        return CheckReport("orders-in", ())

    forms.engine.answer(CheckConnection, check)
    form.check_button.click()
    assert [command.job_id for command in forms.engine.asked(CancelJob)] == seen
    assert form.check.text == "cancelled"
