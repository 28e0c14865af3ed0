"""A way to the database that breaks in the middle of a commit, when told to."""

import socket
from contextlib import suppress
from threading import Thread


class CommitProxy:
    """Forwards to the server at `port`; `break_next` is None, or when to break the next COMMIT.

    "before": the server never hears of it; "after": it is done, and the client never hears of that.
    """

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.break_next: str | None = None
        self._pairs: list[_Pair] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """Stop; all clients must have gone."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()
        for pair in self._pairs:
            pair.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            pair = _Pair(self, client, server)
            self._pairs.append(pair)
            for pump in (pair.requests, pair.answers):
                thread = Thread(target=pump)
                self._threads.append(thread)
                thread.start()


class _Pair:
    def __init__(self, proxy: CommitProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._swallow = False

    def requests(self) -> None:
        """From the client to the server."""
        try:
            while data := self._client.recv(65_536):
                if b"COMMIT\0" in data and (when := self._proxy.break_next):
                    self._proxy.break_next = None
                    if when == "before":
                        break
                    self._swallow = True
                self._server.sendall(data)
        except OSError:
            pass
        self._end()

    def answers(self) -> None:
        """From the server to the client."""
        try:
            while data := self._server.recv(65_536):
                if self._swallow and b"COMMIT\0" in data:
                    break
                self._client.sendall(data)
        except OSError:
            pass
        self._end()

    def _end(self) -> None:
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the sockets back, once both directions have ended."""
        self._client.close()
        self._server.close()
