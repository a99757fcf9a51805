"""A real Apache Kafka on this machine: one node with a listener for every way to log in, started and hurt at will."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException

from tests.helpers.certificates import BrokerCertificates
from tests.helpers.child_process import ChildProcess
from tests.helpers.kafka_admin import KafkaAdmin
from tests.helpers.kafka_distribution import LOGGING_FILE, jars_folder, java_command
from tests.helpers.kafka_listeners import BrokerPorts, Listener, server_properties
from tests.helpers.kafka_records import KafkaRecords
from tests.helpers.ports import LOOPBACK, DeadPort, free_ports

ADMIN_USER = "admin"
LIMITED_USER = "limited"
USER_PASSWORDS: Mapping[str, str] = {ADMIN_USER: "admin-password", LIMITED_USER: "limited-password"}

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 15.0


class ApacheKafka:
    """One broker, its certificates, users and ports; a context manager that starts it and cleans up behind it.

    The user `admin` may do everything, `limited` nothing until KafkaAdmin.allow() says so; both log in with PLAIN and
    SCRAM, passwords in USER_PASSWORDS. Who comes without a login or with the good client certificate may do everything.
    Topics are created on first use with 4 partitions, as on the embedded broker.
    """

    def __init__(self, *, folder: Path | None = None, settings: Mapping[str, str] | None = None) -> None:
        """Prepare a broker, starting nothing yet.

        Args:
            folder: for data, certificates and log; None makes a temporary one, which close() removes.
            settings: lines of server.properties that differ from the usual ones.
        """
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="apache-kafka-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_file = self.folder / "broker.log"
        self.certificates = BrokerCertificates.create(self.folder / "certificates")
        self._dead_port = DeadPort()
        *listeners, controller, proxy = free_ports(len(Listener) + 2)
        self._ports = BrokerPorts(
            listeners=dict(zip(Listener, listeners, strict=True)),
            controller=controller,
            proxy=proxy,
            dead=self._dead_port.port,
        )
        self._settings = dict(settings or {})
        self._process: ChildProcess | None = None
        self.admin = KafkaAdmin(bootstrap_servers=self.bootstrap())
        self.records = KafkaRecords(bootstrap_servers=self.bootstrap())

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ca_file(self) -> Path:
        """The certificate authority that a client has to trust, as PEM."""
        return self.certificates.authority.ca_file

    @property
    def proxy_port(self) -> int:
        """Where clients of Listener.PROXIED are sent: listen there with a FaultProxy that leads to proxy_target."""
        return self._ports.proxy

    @property
    def proxy_target(self) -> tuple[str, int]:
        """Host and port of the broker behind the proxy port."""
        return LOOPBACK, self._ports.listeners[Listener.PROXIED]

    @property
    def dead_port(self) -> int:
        """The port that refuses everybody, which Listener.DEAD_ADVERTISED sends its clients to."""
        return self._ports.dead

    @property
    def pid(self) -> int | None:
        """The broker's process id, None while it is stopped."""
        return self._process.pid if self._process is not None else None

    def bootstrap(self, listener: Listener | str = Listener.PLAINTEXT) -> str:
        """Return `host:port` of a listener. For PROXIED that of the proxy, as a client would be given it."""
        listener = Listener(listener)
        port = self.proxy_port if listener is Listener.PROXIED else self._ports.listeners[listener]
        return f"{LOOPBACK}:{port}"

    def start(self) -> None:
        """Start the broker and return once it answers; with the data it had, if it ran before.

        Raises:
            KafkaUnavailableError: this machine lacks Java, or the jars and Maven.
            RuntimeError: it did not come up; the end of its log is in the message.
        """
        if self._process is not None:
            raise RuntimeError("Apache Kafka is running already")
        java = [java_command(), *_JAVA_OPTIONS, "-cp", f"{jars_folder()}/*"]
        properties_file = self.folder / "server.properties"
        if not properties_file.exists():
            self._format(java, properties_file)
        self._process = ChildProcess([*java, "kafka.Kafka", str(properties_file)], output_file=self.log_file)
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Shut the broker down in good order; data and ports stay for the next start()."""
        self._end(graceful_s=_STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End the broker as kill -9 does; data and ports stay for the next start()."""
        self._end(graceful_s=0)

    def restart(self) -> None:
        """Shut down and start again, with the same data and ports."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Stop the broker's process in its tracks: connects still succeed, nothing is ever answered."""
        self._running().signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen broker go on."""
        self._running().signal(signal.SIGCONT)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze the broker for the length of a `with` block."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    @contextlib.contextmanager
    def killed(self) -> Iterator[None]:
        """Kill the broker for the length of a `with` block; it is back when the block is left."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def close(self) -> None:
        """Kill the broker and remove everything that it left, unless the folder was given."""
        self.kill()
        self.admin.close()
        self.records.close()
        self._dead_port.close()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, *, graceful_s: float) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end(graceful_s=graceful_s)

    def _running(self) -> ChildProcess:
        if self._process is None:
            raise RuntimeError("Apache Kafka is not running")
        return self._process

    def _format(self, java: list[str], properties_file: Path) -> None:
        text = server_properties(
            data_folder=self.folder / "data",
            ports=self._ports,
            certificates=self.certificates,
            super_users=(ADMIN_USER,),
            passwords=USER_PASSWORDS,
            overrides=self._settings,
        )
        draft = properties_file.with_suffix(".draft")
        draft.write_text(text)
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*java, "kafka.tools.StorageTool", "format", "-c", str(draft), "-t", f"K{cluster_id[1:]}"]
        for name, password in USER_PASSWORDS.items():
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
                command += ["--add-scram", f"{mechanism}=[name={name},password={password}]"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise RuntimeError(f"Apache Kafka could not format its folder:\n{answer.stdout}{answer.stderr}")
        draft.rename(properties_file)

    def _wait_until_it_answers(self, process: ChildProcess) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            with contextlib.suppress(KafkaException):
                self.admin.probe(timeout_s=1.0)
                return
            if not process.is_running():
                raise RuntimeError(f"Apache Kafka ended while starting. Its log ends:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Apache Kafka did not answer within {_START_TIMEOUT_S:.0f} s:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-40:])


_JAVA_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    f"-Dlog4j2.configurationFile={LOGGING_FILE}",
)
