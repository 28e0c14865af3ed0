"""Messages on a stream."""

import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.keeper.framing import LONGEST, Unframed, frame, read_frame, read_frames


@given(st.lists(st.binary(min_size=1, max_size=40)), st.lists(st.integers(1, 30)))
def test_however_a_stream_is_cut(messages: list[bytes], sizes: list[int]) -> None:
    """The messages come out as they went in, each as soon as it is whole."""
    stream = b"".join(map(frame, messages))
    unframed, taken, at = Unframed(), [], 0
    for size in [*sizes, len(stream)]:
        taken += unframed.take(stream[at : at + size])
        at = min(at + size, len(stream))
        whole, end = 0, 0
        for message in messages:
            end += 4 + len(message)
            whole += end <= at
        assert taken == messages[:whole]
    assert taken == messages
    assert not unframed.begun


@pytest.mark.parametrize("stream", [frame(b""), (LONGEST + 1).to_bytes(4, "big"), b"\xff" * 9])
def test_what_is_no_frame(stream: bytes) -> None:
    """Nothing is empty or too long, and that is said before it has come."""
    with pytest.raises(ConnectionAbortedError):
        Unframed().take(stream)


def test_all_that_is_there_is_read_at_once() -> None:
    """What has come whole is handed on, and the rest waited for only when it is asked for."""
    here, there = socket.socketpair()
    with here, there:
        unframed = Unframed()
        there.sendall(frame(b"one") + frame(b"two") + frame(b"three")[:-1])
        assert read_frames(here, unframed, 30.0) == [b"one", b"two"]
        there.sendall(b"e")
        assert read_frames(here, unframed, 30.0) == [b"three"]
        there.shutdown(socket.SHUT_WR)
        assert read_frames(here, unframed, 30.0) == []


def test_a_rest_that_does_not_come() -> None:
    """Whoever stops inside a message is given up; whoever says nothing is waited for."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(frame(b"one")[:-1])
        with pytest.raises(BlockingIOError):
            read_frames(here, Unframed(), 0.001)


def test_the_end_inside_a_message() -> None:
    """It is an error; between messages it is the end."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(frame(b"one")[:-1])
        there.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionResetError):
            read_frames(here, Unframed(), 30.0)
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"\0")
        there.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionResetError):
            read_frame(here)


def test_one_frame_at_a_time() -> None:
    """Whoever waits for one answer takes no second one."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(frame(b"one") * 2)
        with pytest.raises(ConnectionAbortedError):
            read_frame(here)
    here, there = socket.socketpair()
    with here, there:
        long = frame(b"x" * LONGEST)
        sender = threading.Thread(target=there.sendall, args=(long,))
        sender.start()
        assert frame(read_frame(here)) == long
        sender.join()
