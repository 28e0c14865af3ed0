"""An answer that is there at once is a future like any other."""

import asyncio
from concurrent.futures import Future

from masugata.gateway.exchange import answered
from masugata.wire import HttpResponse

RESPONSE = HttpResponse(status=200)


def test_it_is_done() -> None:
    """Nothing about it is still to come, and nothing can stop it."""
    answer = answered(RESPONSE)
    assert isinstance(answer, Future)
    assert answer.done()
    assert [answer.cancel(), answer.cancelled(), answer.running()] == [False, False, False]
    assert answer.exception() is None
    assert answer.result(timeout=0) is RESPONSE
    assert repr(answer) == "<Answered 200>"


def test_who_asks_to_be_told_is_told_at_once() -> None:
    """A callback is called before it has been added."""
    told: list[Future[HttpResponse]] = []
    answer = answered(RESPONSE)
    answer.add_done_callback(told.append)
    assert told == [answer]


def test_it_can_be_awaited() -> None:
    """An event loop takes it as one of its own."""

    async def main() -> HttpResponse:
        return await asyncio.wrap_future(answered(RESPONSE))

    assert asyncio.run(main()) is RESPONSE
