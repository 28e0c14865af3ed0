"""One change to a rightly signed request: refused if it changes the meaning, accepted if it does not.

Through the real authenticator, for both algorithms, in headers and query strings, with keys and sessions.
"""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from masugata.wire import HttpRequest
from property.tampering import MEANINGFUL, MEANINGLESS, Change, door, unsigned
from unit.identity.signed import NOW, WAYS, Way


@given(unsigned(), st.sampled_from(WAYS), st.sampled_from(MEANINGFUL), st.data())
def test_change_of_meaning_is_refused(
    request: HttpRequest, way: Way, change: Change, data: st.DataObject
) -> None:
    """Whatever of a signed request is changed on its way, it is refused."""
    signed = door().sign(way, request)
    door().refuse(change(data, way, signed))


@given(unsigned(), st.sampled_from(WAYS), st.integers(-(10**7), 10**7))
def test_time_decides_and_nothing_else(request: HttpRequest, way: Way, seconds: int) -> None:
    """The same request is good within its time and refused outside of it."""
    signed = door().sign(way, request, expires=3600)
    moment = NOW + timedelta(seconds=seconds)
    if -900 <= seconds <= (3600 if way.presigned else 900):
        door().admit(signed, moment)
    else:
        door().refuse(signed, moment)


@given(unsigned(), st.sampled_from(WAYS), st.sampled_from(MEANINGLESS), st.data())
def test_change_of_spelling_is_accepted(
    request: HttpRequest, way: Way, change: Change, data: st.DataObject
) -> None:
    """What no reader can tell apart is the same request."""
    signed = door().sign(way, request)
    assert door().admit(change(data, way, signed)).entity_name == "alice"
