"""A client process: sends the principals' requests over keep-alive connections and judges the answers.

python -m stress.hammer BOARD PLACES CLIENTS NUMBER HOST CONNECTIONS
"""

import random
import select
import sys
from pathlib import Path

from stress.board import Board, Counter, State, judge
from stress.client import Connection, Identity, LostError, parse


class Hammer:
    """One request on its way per connection, one connection after the other as answers come."""

    def __init__(self, board, number, host, connections):
        self.board, self.host = board, host
        self.counts = board.counters(number)
        self.order = list(range(board.places))
        random.Random(number).shuffle(self.order)
        self.turn = 0
        self.known = {}
        self.poll = select.epoll()
        self.on_their_way = {}
        self.connections = [Connection(host) for _ in range(connections)]

    def run(self):
        """Go on until told to stop; every request that was sent is waited for."""
        for connection in self.connections:
            self.poll.register(connection.socket, select.EPOLLIN)
            self.send(connection)
        while self.on_their_way:
            for descriptor, _ in self.poll.poll():
                self.hear(descriptor)

    def send(self, connection):
        """The request of the next principal that has one."""
        if self.counts[Counter.STOP]:
            return
        while True:
            self.turn += 1
            place = self.order[self.turn // 2 % len(self.order)] if self.turn % 2 else self.board.hot
            word = self.board.word(place)
            identity, request = self.principal(place, word)
            if identity is not None:
                break
        service, action, parameters = request
        connection.socket.sendall(identity.request(self.host, service, action, **parameters))
        self.on_their_way[connection.socket.fileno()] = [connection, place, word, b""]

    def principal(self, place, word):
        """Who sends what at this place; None while nobody can know."""
        generation = self.board.generation(place)
        found = self.known.get(place, (0, None, None))
        if found[0] != generation:
            if word & 3 == State.CHANGING:
                return None, None
            request, credentials = self.board.published(place)
            if self.board.word(place) != word:
                return None, None
            found = self.known[place] = (generation, Identity(*credentials), request)
        return found[1:]

    def hear(self, descriptor):
        """Some bytes of an answer; when it is whole, judge it and send the next request."""
        waiting = self.on_their_way[descriptor]
        connection, place, word, received = waiting
        piece = connection.socket.recv(65_536)
        if not piece:
            raise LostError(received)
        waiting[3] = received = received + piece
        parsed = parse(received)
        if parsed is None:
            return
        del self.on_their_way[descriptor]
        status, body, ends = parsed
        self.judge(place, word, status, body)
        if ends:
            connection.close()
            connection.open()
            self.poll.register(connection.socket, select.EPOLLIN)
        self.send(connection)

    def judge(self, place, word, status, body):
        """Whether the answer is what it has to be."""
        # A word that is another one now changed while the request was on its way: either is right.
        state = State(word & 3) if self.board.word(place) == word else State.CHANGING
        judge(self.counts, state, status, (place, self.known[place][2], body))


def main():
    """Serve one runner."""
    path, places, clients, number, host, connections = sys.argv[1:]
    Hammer(Board(Path(path), int(places), int(clients)), int(number), host, int(connections)).run()


if __name__ == "__main__":
    main()
