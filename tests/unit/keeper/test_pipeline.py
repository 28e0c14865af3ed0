"""Questions to the keeper that an event loop has many of at once."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from in_fibers import in_fiber
from masugata.fibers import Fibers
from masugata.keeper import (
    KeeperError,
    KeeperUnavailableError,
    SealBrokenError,
    SealedError,
    client,
    pipeline,
)
from masugata.keeper.address import bind
from masugata.keeper.child import KeeperProcess
from masugata.keeper.client import RemoteKeeper
from masugata.keeper.framing import frame, read_frame
from masugata.keeper.materials import Material

Loops = Callable[[Awaitable[Any]], Any]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Loops:
    """Runs a coroutine in a loop of either kind."""
    factory = asyncio.new_event_loop if request.param == "asyncio" else uvloop.new_event_loop

    def run_in(coroutine: Any) -> Any:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(coroutine)

    return run_in


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeeperProcess]:
    data = tmp_path_factory.mktemp("data")
    with KeeperProcess(data, f"file:{data / 'root.key'}", None, "debug") as process:
        RemoteKeeper(process.address).open(create=True)
        yield process


async def together(*questions: Callable[[], Any]) -> list[Any]:
    """What each is answered, or its error; all are asked in one turn."""
    made = Fibers()
    return await asyncio.gather(*(in_fiber(made, each) for each in questions), return_exceptions=True)


def messages_of(number: int, keeper: RemoteKeeper) -> bytes:
    """Two questions, the second of what the first was answered."""
    secret = b"%d" % number
    return keeper.unseal("p", keeper.seal("p", secret, secret), secret)


def test_each_has_its_own_answer(process: KeeperProcess, run: Loops) -> None:
    """Among hundreds at once, errors too; one that is too long for the others goes by itself."""
    keeper = RemoteKeeper(process.address)
    blob, long = keeper.seal("p", b"s", b"row"), os.urandom(1 << 20)
    questions: list[Callable[[], Any]] = [
        lambda number=number: messages_of(number, keeper)  # type: ignore[misc]
        for number in range(1500)
    ]
    questions[5] = lambda: keeper.unseal("p", blob, b"another row")
    questions[7] = lambda: keeper.unseal("p", keeper.seal("p", long, b"row"), b"row")
    answers = run(together(*questions))
    assert isinstance(answers[5], SealBrokenError)
    assert answers[7] == long
    assert all(each == b"%d" % number for number, each in enumerate(answers) if number not in (5, 7))


@contextmanager
def impostor(path: Path, *turns: Callable[[socket.socket], None]) -> Iterator[None]:
    """Somebody who answers at a path: each turn a connection."""
    with bind(path) as listener:

        def serve() -> None:
            for turn in turns:
                connection, _ = listener.accept()
                with connection:
                    turn(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def test_a_turn_is_one_message(tmp_path: Path, run: Loops) -> None:
    """All questions of a turn come with one wake-up, and their answers may."""
    seen: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        seen.append(connection.recv(1 << 16))
        connection.sendall(frame(b"\0\xc3") * 40)

    path = tmp_path / "keeper.sock"
    with impostor(path, answer):
        keeper = RemoteKeeper(path)
        assert run(together(*[lambda: keeper.holds("x")] * 40)) == [True] * 40
    assert seen[0].count(b"Holds") == 40


def test_what_was_not_answered_is_asked_again(tmp_path: Path, run: Loops) -> None:
    """Over a new connection, in order, and nothing that was; however often, and wherever it broke."""
    again: list[bytes] = []

    def halfway(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(frame(b"\0\xc3") + frame(b"\0\xc3")[:3])

    def rude(_connection: socket.socket) -> None:
        """Closes at once."""

    def rest(connection: socket.socket) -> None:
        again.append(connection.recv(1 << 16))
        connection.sendall(frame(b"\0\xc2") * 2)

    path = tmp_path / "keeper.sock"
    with impostor(path, halfway, rude, rude, rest):
        keeper = RemoteKeeper(path)
        names = [lambda name=name: keeper.holds(name) for name in "abc"]  # type: ignore[misc]
        assert run(together(*names)) == [True, False, False]
    assert again[0].index(b"\xa1b") < again[0].index(b"\xa1c")
    assert b"\xa1a" not in again[0]


@pytest.mark.parametrize("sent", [frame(b"\0\xc3") * 2, b"\xff" * 9, frame(b"")])
def test_disorder_ends_the_connection(tmp_path: Path, run: Loops, sent: bytes) -> None:
    """An answer to nothing, and what is none, make no answer wrong that comes later."""

    def lie(connection: socket.socket) -> None:
        read_frame(connection)
        connection.sendall(sent)
        connection.settimeout(30)
        assert connection.recv(1) == b""

    def tell(connection: socket.socket) -> None:
        read_frame(connection)
        connection.sendall(frame(b"\0\xc2"))

    path = tmp_path / "keeper.sock"
    with impostor(path, lie, tell):
        keeper = RemoteKeeper(path)

        async def ask() -> Any:
            made = Fibers()
            first = await in_fiber(made, lambda: keeper.holds("x"))
            return first, (await in_fiber(made, lambda: keeper.holds("x")) if first else first)

        assert run(ask()) in [(True, False), (False, False)]


def test_answer_that_is_lost_here(
    process: KeeperProcess, run: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without memory for an answer, nobody gets that of another: neither in fibers nor in threads."""
    keeper, lost = RemoteKeeper(process.address), []

    def losing(take: Callable[..., Any]) -> Callable[..., Any]:
        def lose(*arguments: Any) -> Any:
            taken = take(*arguments)
            if not lost:
                lost.append(taken)
                raise MemoryError
            return taken

        return lose

    names = range(9)
    blobs = [keeper.seal("p", b"%d" % name, b"") for name in names]
    questions = [lambda blob=blob: keeper.unseal("p", blob, b"") for blob in blobs]  # type: ignore[misc]
    with monkeypatch.context() as patched:
        patched.setattr(pipeline.Unframed, "take", losing(pipeline.Unframed.take))
        answers = run(together(*questions))
    assert lost
    assert answers == [b"%d" % name for name in names]
    lost.clear()
    monkeypatch.setattr(client, "read_frame", losing(client.read_frame))
    with pytest.raises(MemoryError):
        questions[0]()
    assert questions[1]() == b"1"


def test_killed_keepers(process: KeeperProcess, run: Loops) -> None:
    """Whatever is asked while one is killed, the next one answers."""
    keeper = RemoteKeeper(process.address)

    async def ask() -> list[Any]:
        answers = []
        for _ in range(4):
            asked = asyncio.ensure_future(
                together(*(lambda number=number: messages_of(number, keeper) for number in range(50)))  # type: ignore[misc]
            )
            await asyncio.sleep(0)
            os.kill(process.pid, signal.SIGKILL)
            answers += await asked
        return answers

    assert run(ask()) == [b"%d" % number for number in range(50)] * 4


@pytest.mark.parametrize("silent", [True, False], ids=["silent", "missing"])
def test_keeper_that_does_not_answer(tmp_path: Path, run: Loops, silent: bool) -> None:
    """Everybody's time is up, and the loop was never held up; once it is back, all is well."""
    path = tmp_path / "keeper.sock"
    keeper = RemoteKeeper(path, 0.05)
    listener = bind(path) if silent else None
    for _ in range(2):
        turns = 0

        async def ask() -> list[Any]:
            nonlocal turns
            asked = asyncio.ensure_future(together(*[lambda: keeper.holds("x")] * 9))
            while not asked.done():
                turns += 1
                await asyncio.sleep(0)
            return asked.result()

        errors = run(ask())
        assert [type(error) for error in errors] == [KeeperUnavailableError] * 9
        assert turns > 10
    if listener is not None:
        listener.close()
        path.unlink()

    def answer(connection: socket.socket) -> None:
        read_frame(connection)
        connection.sendall(frame(b"\0\xc3"))

    with impostor(path, answer):
        assert run(together(lambda: RemoteKeeper(path).holds("x"))) == [True]


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "SYMMETRIC_DEFAULT"])
def test_keys_that_are_made_at_once(tmp_path: Path, run: Loops, spec: str) -> None:
    """Whoever asks for one holds up nobody, and waits no longer than for anything else."""
    materials = RemoteKeeper(tmp_path / "keeper.sock", 0.05).materials
    material = Material("111122223333", "k", "0" * 64, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", b"sealed")
    questions: list[Callable[[], Any]] = [
        lambda: materials.generate("111122223333", "k", spec, "ENCRYPT_DECRYPT"),
        lambda: materials.generate_data_key_pair(material, spec, b"", with_plaintext=True),
    ]
    turns = 0

    async def ask() -> list[Any]:
        nonlocal turns
        asked = asyncio.ensure_future(together(*questions))
        while not asked.done():
            turns += 1
            await asyncio.sleep(0)
        return asked.result()

    assert [type(error) for error in run(ask())] == [KeeperUnavailableError] * 2
    assert turns > 10


def test_sealed_keeper(tmp_path: Path, run: Loops, passphrase: bytes) -> None:
    """Everybody is told that it is sealed; opened again, it answers."""
    secret = tmp_path / "passphrase"
    secret.write_bytes(passphrase)
    with KeeperProcess(tmp_path, "passphrase:", secret, "debug") as process:
        keeper = RemoteKeeper(process.address)
        keeper.open(create=True)
        keeper.seal_root()
        answers = run(together(*[lambda: keeper.seal("p", b"s", b"r")] * 9))
        assert [type(each) for each in answers] == [SealedError] * 9
        keeper.unseal_root(passphrase)
        assert len(run(together(lambda: keeper.seal("p", b"s", b"r")))) == 1


def test_stranger_is_not_asked(tmp_path: Path, run: Loops, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is told who answers there, at once."""

    def refuse(*_: Any) -> Any:
        raise KeeperError("a stranger")

    monkeypatch.setattr(pipeline, "connect", refuse)
    keeper = RemoteKeeper(tmp_path / "keeper.sock")
    answers = run(together(*[lambda: keeper.holds("x")] * 3))
    assert [str(each) for each in answers] == ["a stranger"] * 3


def test_who_is_told_may_ask_again(tmp_path: Path, run: Loops) -> None:
    """Whatever is asked in the place where an error arrives is asked as ever, and nothing else is lost."""
    path = tmp_path / "keeper.sock"
    keeper = RemoteKeeper(path, 0.05)

    def twice() -> list[type[Exception]]:
        errors: list[type[Exception]] = []
        for _ in range(2):
            try:
                keeper.holds("x")
            except KeeperUnavailableError as error:
                errors.append(type(error))
        return errors

    assert run(together(*[twice] * 9)) == [[KeeperUnavailableError] * 2] * 9
