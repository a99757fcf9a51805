"""Topics and groups as a person looks at them, and offsets as a person sets them."""

from typing import TypeVar

from PySide6.QtWidgets import QApplication, QWidget

from kafka_agent_studio.api.cluster_commands import (
    CreateTopic,
    DescribeGroup,
    ListTopics,
    PreviewOffsetReset,
    ResetOffsets,
    ResetTo,
)
from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.api.events import ConnectorChanged, ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.details.group_detail import GroupDetail
from kafka_agent_studio.gui.details.topic_detail import TopicDetail
from kafka_agent_studio.gui.pages.groups import GroupsPage
from kafka_agent_studio.gui.pages.topics import TopicsPage
from tests.helpers.cluster_scene import GROUP, TOPICS, make_group, make_reset
from tests.helpers.gui_scene import NOW_US
from tests.helpers.gui_window import WindowUnderTest

WidgetT = TypeVar("WidgetT", bound=QWidget)


def page_of(window: WindowUnderTest, kind: type[WidgetT], address: str) -> WidgetT:
    window.go(address)
    page = window.main.page
    assert isinstance(page, kind)
    return page


def shown(window: WindowUnderTest, kind: type[WidgetT]) -> WidgetT:
    (found,) = [detail for detail in window.main.inspector.findChildren(kind) if detail.isVisible()]
    return found


def names(page: TopicsPage | GroupsPage) -> list[str]:
    return [page.table.row_at(row).name for row in range(page.table.model().rowCount())]


def test_topics_are_listed_found_and_looked_at(cluster: WindowUnderTest) -> None:
    page = page_of(cluster, TopicsPage, "topics")
    assert names(page) == [topic.name for topic in TOPICS]
    assert page.filter is not None
    page.filter.set_text("dlq")
    assert names(page) == ["orders.dlq"]
    assert page.header.remark == "1 of 6"
    page.table.selectRow(0)
    detail = shown(cluster, TopicDetail)
    assert detail.partitions.model().rowCount() == 4
    assert detail.name == "orders.dlq"
    detail.browse.click()
    assert cluster.parts.navigator.current == f"browse?connection={page.choice.current}&topic=orders.dlq"


def test_a_cluster_that_does_not_answer_says_why_and_is_asked_again(cluster: WindowUnderTest) -> None:
    cluster.engine.answer(ListTopics, CommandRefused("kafka-1:9092 refused the connection."))
    page = page_of(cluster, TopicsPage, "topics")
    assert "kafka-1:9092 refused the connection." in page.error.text
    assert not page.empty.isVisible(), "nobody knows whether there are none"
    QApplication.processEvents()
    assert page.error.height() < 100, "as high as its lines, whatever room there is"
    cluster.engine.answer(ListTopics, TOPICS)
    assert page.error.action is not None
    page.error.action.click()
    assert names(page)
    assert page.error.isHidden()


def test_a_topic_is_created_from_the_list(cluster: WindowUnderTest) -> None:
    page = page_of(cluster, TopicsPage, "topics")
    page.new.click()
    assert not page.new_bar.panel.create_button.isEnabled()
    page.new_bar.name.fill("returns")
    assert page.new_bar.panel.create_button.text() == f"Create returns on {page.choice.current}"
    page.new_bar.panel.create_button.click()
    (asked,) = cluster.engine.asked(CreateTopic)
    assert (asked.connection, asked.topic, asked.partitions) == (page.choice.current, "returns", 1)
    assert page.new_bar.isHidden()


def test_a_group_says_who_reads_and_how_far_it_is(cluster: WindowUnderTest) -> None:
    page = page_of(cluster, GroupsPage, "groups")
    page.table.select_key(GROUP)
    detail = shown(cluster, GroupDetail)
    assert detail.tabs.tabText(0) == "Lag 12"
    assert [detail.partitions.row_at(n).lag for n in range(4)] == [0, 0, 12, 0]
    detail.connector.click()
    assert cluster.parts.navigator.current == "connector/orders-in"


def test_offsets_of_a_group_that_reads_are_not_set_but_its_connector_can_be_stopped(cluster: WindowUnderTest) -> None:
    page = page_of(cluster, GroupsPage, "groups")
    page.table.select_key(GROUP)
    detail = shown(cluster, GroupDetail)
    detail.tabs.setCurrentWidget(detail.reset)
    assert "only while it is stopped" in detail.reset.says.text()
    cluster.engine.answer(PreviewOffsetReset, make_reset(group=GROUP, refused="The group has a member."))
    detail.reset.preview.click()
    assert "The group has a member." in detail.reset.says.text()
    assert not detail.reset.apply.isEnabled()
    cluster.engine.answer(DescribeGroup, make_group(is_stopped=True))
    detail.reset.show_group(detail.cluster, make_group())
    detail.reset.stop.click()
    assert cluster.engine.asked(StopConnector) == [StopConnector("orders-in")]
    assert "The group is stopped" in detail.reset.says.text()


def test_a_reset_is_seen_before_it_is_done_and_names_the_cluster(cluster: WindowUnderTest) -> None:
    page = page_of(cluster, GroupsPage, "groups")
    page.table.select_key("billing")
    detail = shown(cluster, GroupDetail)
    reset = detail.reset
    detail.tabs.setCurrentWidget(reset)
    assert not reset.apply.isEnabled()
    reset.preview.click()
    assert "6,000 are read again" in reset.says.text()
    assert [reset.table.row_at(n).repeated for n in range(4)] == [1_500] * 4
    reset.apply.click()
    assert page.choice.current in reset.ask.text
    assert cluster.engine.asked(ResetOffsets) == []
    reset.ask.press("Set 4 offsets")
    (asked,) = cluster.engine.asked(ResetOffsets)
    assert (asked.connection, asked.group, asked.topic, asked.to) == (
        page.choice.current,
        "billing",
        "orders",
        ResetTo.EARLIEST,
    )
    assert reset.says.text() == "Done. 6,000 are read again."


def test_what_was_stopped_for_a_reset_is_started_from_where_its_result_is_said(cluster: WindowUnderTest) -> None:
    page = page_of(cluster, GroupsPage, "groups")
    cluster.engine.say(ConnectorChanged(NOW_US, ConnectorStatus("orders-in", ConnectorState.STOPPED)))
    cluster.bridge.drain()
    cluster.engine.answer(DescribeGroup, make_group(is_stopped=True))
    cluster.engine.answer(PreviewOffsetReset, make_reset(group=GROUP))
    cluster.engine.answer(ResetOffsets, make_reset(group=GROUP))
    page.table.select_key(GROUP)
    detail = shown(cluster, GroupDetail)
    reset = detail.reset
    detail.tabs.setCurrentWidget(reset)
    reset.preview.click()
    reset.apply.click()
    assert reset.start.isHidden()
    reset.ask.press("Set 4 offsets")
    assert reset.says.text() == "Done. 6,000 are read again."
    assert reset.start.isVisible()
    assert reset.start.text() == reset.start.accessibleName() == "Start orders-in"
    reset.start.click()
    assert cluster.engine.asked(StartConnector) == [StartConnector("orders-in")]
    assert reset.start.isHidden()
    assert reset.says.text() == "Done. 6,000 are read again."


def test_what_is_no_offset_and_no_time_is_said_and_a_change_takes_the_preview_back(cluster: WindowUnderTest) -> None:
    page = page_of(cluster, GroupsPage, "groups")
    page.table.select_key("billing")
    reset = shown(cluster, GroupDetail).reset
    reset.where.setCurrentIndex(2)
    reset.value.setText("twelve")
    reset.preview.click()
    assert "twelve" in reset.says.text()
    assert cluster.engine.asked(PreviewOffsetReset) == []
    reset.value.setText("12")
    reset.preview.click()
    assert cluster.engine.asked(PreviewOffsetReset)[0].value == 12
    assert reset.apply.isEnabled()
    reset.where.setCurrentIndex(0)
    assert not reset.apply.isEnabled()
    assert reset.table.model().rowCount() == 0
