"""One message, looked at from every side: its forms, its times, how it is read, what is taken along."""

from datetime import UTC
from zoneinfo import ZoneInfo

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from kafka_agent_studio.api.browse import Decoded, DecodedRecord, DecodeRecords, Format, GetMessage
from kafka_agent_studio.gui.details.message_detail import MessageDetail
from kafka_agent_studio.gui.messages.hex_dump import hex_dump
from kafka_agent_studio.gui.messages.zone import told
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.model.message import Record
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive

VALUE = b'{"id": 123456789012345678901234567890, "total": 0.10, "customer": {"e mail": "zo\xc3\xab@example.com"}}'
RECORD = Record("orders", 2, 77, 1_705_312_987_482, b"\x00\x01", VALUE, (("trace", b"abc"), ("trace", None)))


@pytest.fixture
def window(open_window: OpenWindow) -> WindowUnderTest:
    made = open_window()
    made.engine.answer(GetMessage, RECORD)
    return made


def view_of(window: WindowUnderTest, place: str = "orders/2/77") -> MessageDetail:
    window.go(f"message/{place}")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, MessageDetail)
    return page.detail


def test_what_the_window_does_not_have_is_fetched_from_its_topic(window: WindowUnderTest) -> None:
    view = view_of(window)
    assert window.engine.asked(GetMessage) == [GetMessage("staging", "orders", 2, 77)]
    assert view.record == RECORD
    assert view.error.isHidden()
    assert "123456789012345678901234567890" in view.value.shown_text
    assert "0.10" in view.value.shown_text


def test_nobody_has_it_any_more(window: WindowUnderTest) -> None:
    window.engine.answer(GetMessage, None)
    view = view_of(window)
    assert "no longer kept here" in view.error.text
    assert not view.copy.isEnabled()
    assert not view.edit.isEnabled()


def test_raw_and_hex_are_exact(window: WindowUnderTest) -> None:
    view = view_of(window)
    view.tabs.setCurrentWidget(view.raw)
    assert view.raw.text.toPlainText().encode() == VALUE
    view.tabs.setCurrentWidget(view.hex)
    first = view.hex.text.toPlainText().splitlines()[0]
    assert first == '00000000  7b 22 69 64 22 3a 20 31  32 33 34 35 36 37 38 39  |{"id": 123456789|'


def test_bytes_that_are_no_text_and_large_values_are_said(window: WindowUnderTest) -> None:
    window.engine.answer(GetMessage, msgspec.structs.replace(RECORD, value=b"\xff" * 300_000))
    view = view_of(window)
    view.tabs.setCurrentWidget(view.raw)
    assert view.raw.remark.startswith("Not UTF-8")
    view.tabs.setCurrentWidget(view.hex)
    assert view.hex.remark == "300.0 KB: the first 16.4 KB are shown."


def test_a_decoder_is_chosen_for_the_topic_and_says_why_it_failed(window: WindowUnderTest) -> None:
    problem = Decoded(Format.MESSAGEPACK, None, problem="it ends in the middle of a map")
    window.engine.answer(DecodeRecords, (DecodedRecord(Decoded(Format.INT32, "1"), problem),))
    view = view_of(window)
    view.decoders.value.setCurrentIndex(view.decoders.value.findData(Format.MESSAGEPACK))
    view.decoders.value.activated.emit(0)
    assert view.about_decoding.text() == "Value: it ends in the middle of a map"
    assert "123456789012345678901234567890" in view.value.shown_text
    readable = Decoded(Format.MESSAGEPACK, '{"a": 1}', is_json=True, detail="a map of 1")
    window.engine.answer(DecodeRecords, (DecodedRecord(Decoded(Format.INT32, "1"), readable),))
    window.go("overview")
    again = view_of(window, "orders/2/78")
    assert again.decoders.decoders.value is Format.MESSAGEPACK
    assert again.value.shown_text == '{\n  "a": 1\n}'
    assert again.about_decoding.text() == "a map of 1"


def test_a_registry_is_asked_for_where_one_is_needed(window: WindowUnderTest) -> None:
    view = view_of(window)
    assert not view.decoders.registry.isVisible()
    view.decoders.value.setCurrentIndex(view.decoders.value.findData(Format.AVRO))
    view.decoders.registry.setText("http://registry:8081")
    view.decoders.secret.setText("registry")
    view.decoders.value.activated.emit(0)
    assert view.decoders.registry.isVisible()
    registry = window.engine.asked(DecodeRecords)[-1].decoders.registry
    assert (registry.url, registry.password_secret) == ("http://registry:8081", "registry")


def test_everything_can_be_taken_along(window: WindowUnderTest) -> None:
    view = view_of(window)
    view.copy.click()
    (menu,) = view.copy.findChildren(QMenu)
    actions = {action.text(): action for action in menu.actions()}
    assert list(actions) == [
        "Key",
        "Value",
        "Headers",
        "Row as JSON",
        "kcat command that reads it",
        "kcat command that writes it",
        "pytest fixture",
    ]
    clipboard = QGuiApplication.clipboard()
    actions["Value"].trigger()
    assert clipboard.text().encode() == VALUE
    actions["kcat command that reads it"].trigger()
    assert "-t orders -p 2 -o 77" in clipboard.text()
    assert "kafka-1:9092" in clipboard.text()
    menu.close()


def test_a_value_is_included_or_left_out_by_a_click(window: WindowUnderTest) -> None:
    view = view_of(window)
    tree = view.value.model
    customer = tree.index(2, 0)
    tree.fetchMore(customer)
    assert tree.scalar(tree.index(0, 0, customer)) == (["customer", "e mail"], "zoë@example.com")
    assert tree.scalar(customer) is None
    view.value.term_asked.emit(["customer", "e mail"], "zoë@example.com", True)
    page = window.main.page
    assert isinstance(page, MessagesPage)
    assert page.line.text == 'value.customer."e mail" != "zoë@example.com"'


def test_a_term_narrows_the_filter_that_is_there(window: WindowUnderTest) -> None:
    let_messages_arrive(window)
    window.go("messages")
    page = window.main.page
    assert isinstance(page, MessagesPage)
    page.line.set_text("partition == 2")
    window.go("messages?add=value.total%20%3E%20100")
    assert page.line.text == "partition == 2 value.total > 100"


def test_times_are_told_in_the_zone_that_is_chosen(window: WindowUnderTest) -> None:
    now_us = 1_705_312_990_482_000
    assert told(1_705_312_987_482, UTC, now_us) == "2024-01-15 10:03:07.482 UTC, 3 s ago"
    assert told(1_705_312_987_482, ZoneInfo("Asia/Kolkata"), now_us) == "2024-01-15 15:33:07.482 IST, 3 s ago"
    assert told(10**17, UTC, now_us) == f"{10**17} ms"
    assert told(None, UTC, now_us) == "no time"
    view = view_of(window)
    view.zone.box.setCurrentText("Asia/Kolkata")
    assert "15:33:07.482 IST" in " ".join(value.text() for _, value in view.facts._pairs)


def test_hex_of_nothing_and_of_one_byte() -> None:
    assert hex_dump(b"") == ""
    assert hex_dump(b"\x00") == f"00000000  {'00':<23}  {'':<23}  |.|"


def test_a_result_leads_back_to_its_run_and_to_the_message_that_the_run_read(window: WindowUnderTest) -> None:
    run_id = "6f1c2d3e-0000-5000-8000-000000000001"
    headers = (("studio.run_id", run_id.encode()), ("studio.source", b"orders/2/1542"))
    window.engine.answer(GetMessage, Record("order-results", 0, 9, 1, None, b"{}", headers))
    view = view_of(window, "order-results/0/9")
    view.origin.run.click()
    assert window.parts.navigator.current == f"run/{run_id}"
    view_of(window, "order-results/0/9").origin.source.click()
    assert window.parts.navigator.current == "message/orders/2/1542"


@pytest.mark.parametrize("headers", [(), (("studio.run_id", b"\xff../x"), ("studio.source", b"orders"))])
def test_headers_that_name_no_run_and_no_place_are_no_links(
    window: WindowUnderTest, headers: tuple[tuple[str, bytes], ...]
) -> None:
    window.engine.answer(GetMessage, msgspec.structs.replace(RECORD, headers=headers))
    assert view_of(window).origin.isHidden()
