"""One window per workspace: a second start finds the first window by the workspace's identity and raises it.

The first listens on a local socket that only this person may use. Whoever asks waits for an answer, so that a window
that hangs is not mistaken for one that came to the front.
"""

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_WITHIN_MS = 1_000
_QUESTION = b"raise\n"
_ANSWER = b"raised\n"


class SingleWindow(QObject):
    """Listens for others that would open the same workspace; `raise_asked` comes when one did."""

    raise_asked = Signal()

    def __init__(self, *, identity: str) -> None:
        super().__init__()
        self._name = _socket_name(identity)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def listen(self) -> bool:
        """Begin; False where it cannot be: then a second start opens a second window, which looks on."""
        if self._server.listen(self._name):
            return True
        # A process that was killed leaves its socket behind; a living one would have answered raise_window().
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        self._server.close()

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._answer(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._answer(socket)

    def _answer(self, socket: QLocalSocket) -> None:
        if socket.canReadLine() and bytes(socket.readLine().data()) == _QUESTION:
            self.raise_asked.emit()
            socket.write(_ANSWER)
            socket.flush()
            socket.disconnectFromServer()


def raise_window(identity: str, *, timeout_ms: int = ANSWER_WITHIN_MS) -> bool:
    """Bring the window on a workspace to the front; blocks. False: there is none, or it does not answer."""
    socket = QLocalSocket()
    socket.connectToServer(_socket_name(identity))
    if not socket.waitForConnected(timeout_ms):
        return False
    socket.write(_QUESTION)
    socket.waitForBytesWritten(timeout_ms)
    has_answered = socket.waitForReadyRead(timeout_ms) and bytes(socket.readAll().data()) == _ANSWER
    socket.abort()
    return has_answered


def _socket_name(identity: str) -> str:
    # Short: a socket's path may not be longer than 104 bytes on some systems. Two people may open one shared folder.
    digest = hashlib.sha256(f"{Path.home()}\n{identity}".encode()).hexdigest()[:16]
    return f"kafka-agent-studio-{digest}"
