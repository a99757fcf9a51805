"""What every test gets: a quiet environment, a keyring of its own, a look at what it left behind, and Apache Kafka."""

import asyncio
import inspect
import os
import sys
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator

# Before anything of the program, of Qt or of litellm is imported; programs that tests start inherit it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
# Whatever the environment says: else every worker, and every program that a test starts, compiles all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import keyring
import pytest

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.fault_proxy import FaultProxy
from tests.helpers.kafka_distribution import KafkaUnavailableError, jars_folder, missing_reason
from tests.helpers.leaks import leaked_tasks, leaked_threads
from tests.helpers.memory_keyring import MemoryKeyring
from tests.helpers.running_order import side_by_side

sys.dont_write_bytecode = False

_REQUIRE_VARIABLE = "KAFKA_AGENT_STUDIO_REQUIRE_KAFKA"
_LEFT_OUT = "left out"
_REASON_KEY = pytest.StashKey[str]()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark whatever asks for the broker, so that `-m "not kafka"` leaves out all of it."""
    if "kafka" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.kafka)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, let each worker wait for a broker and compute in turn."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = side_by_side(
            items,
            workers=workers,
            waits=lambda item: item.get_closest_marker("kafka") is not None,
            file_of=lambda item: item.nodeid.partition("::")[0],
        )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test that this machine cannot run, or fail it where Apache Kafka is required."""
    if item.get_closest_marker("kafka") is None:
        return
    reason = _missing_kafka(item.config)
    if reason and os.environ.get(_REQUIRE_VARIABLE) == "1":
        pytest.fail(f"Apache Kafka is required ({_REQUIRE_VARIABLE}=1): {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Count the tests left out apart from skipped ones: they get one line in all, not one each."""
    if report.skipped and report.when == "setup" and "kafka" in report.keywords and not hasattr(report, "wasxfail"):
        return _LEFT_OUT, "s", "LEFT OUT"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in one line what was left out, and why."""
    count = len(terminalreporter.stats.get(_LEFT_OUT, []))
    if count:
        reason = config.stash.get(_REASON_KEY, "")
        tests = "test" if count == 1 else "tests"
        terminalreporter.write_line(f"{count} Apache Kafka {tests} left out: {reason}", yellow=True)


def _missing_kafka(config: pytest.Config) -> str:
    if _REASON_KEY not in config.stash:
        reason = missing_reason()
        if reason is None:
            try:
                jars_folder()
            except KafkaUnavailableError as error:
                reason = str(error)
        config.stash[_REASON_KEY] = reason or ""
    return config.stash[_REASON_KEY]


@pytest.fixture(scope="session")
def kafka() -> Iterator[ApacheKafka]:
    """The Apache Kafka of this run, started when the first test asks for it.

    Shared: a test uses topics and groups of its own (`unique_name`), takes away what it granted to a user, sets a
    changed password back, and leaves the broker running: kafka.killed() and kafka.frozen() see to that.
    """
    with ApacheKafka() as broker:
        yield broker


@pytest.fixture
async def fault_proxy(kafka: ApacheKafka) -> AsyncIterator[FaultProxy]:
    """A proxy that passes everything until told otherwise; clients reach it by kafka.bootstrap("PROXIED")."""
    host, port = kafka.proxy_target
    async with FaultProxy(target_host=host, target_port=port, listen_port=kafka.proxy_port) as proxy:
        yield proxy


@pytest.fixture
def unique_name(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Return a function that makes names for topics and groups which no other test uses: unique_name("orders")."""
    test = "".join(c if c.isalnum() else "-" for c in request.node.name)[:40].strip("-")

    def name(prefix: str = "topic") -> str:
        return f"{prefix}-{test}-{uuid.uuid4().hex[:8]}"

    return name


@pytest.fixture
def topic(kafka: ApacheKafka, unique_name: Callable[[str], str]) -> str:
    """Return the name of a new topic of one partition on Apache Kafka."""
    name = unique_name("topic")
    kafka.admin.create_topic(name)
    return name


@pytest.fixture(autouse=True)
def memory_keyring() -> Iterator[MemoryKeyring]:
    """The keyring of this test alone; the person's own is never touched."""
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(MemoryKeyring())


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    known = set(threading.enumerate())
    yield
    leaked = leaked_threads(known=known)
    if leaked:
        pytest.fail(f"threads left behind: {', '.join(leaked)}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_leaked_tasks(request: pytest.FixtureRequest, _no_leaked_threads: None) -> None:
    # Only for tests that have an event loop. Asked for first, it looks last: when all other fixtures are gone.
    if isinstance(request.node, pytest.Function) and inspect.iscoroutinefunction(request.node.obj):
        request.getfixturevalue("_task_check")


@pytest.fixture
async def _task_check() -> AsyncIterator[None]:
    known = asyncio.all_tasks()
    yield
    leaked = await leaked_tasks(known=known)
    if leaked:
        pytest.fail("tasks left behind:\n  " + "\n  ".join(leaked), pytrace=False)
