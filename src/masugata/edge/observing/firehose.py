"""PutRecordBatch as Amazon Data Firehose has it, towards whatever speaks it at a URL.

Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from masugata.client import HttpTransport
from masugata.client.credentials import configured_keys
from masugata.client.signing import signed
from masugata.edge.observing.delivery import RefusedRecordsError
from masugata.edge.observing.log_plan import LogStream
from masugata.errors import MasugataError
from masugata.wire import HttpRequest, HttpResponse

_TARGET: Final = "Firehose_20150804.PutRecordBatch"
_OK: Final = 200
_TOO_LARGE: Final = 413
_NEVER: Final = frozenset({"InvalidArgumentException", "SerializationException", "ValidationException"})
"""Errors that are about the records: to send them again changes nothing."""
_SHOWN: Final = 300


class _Answer(msgspec.Struct, rename="pascal"):
    failed_put_count: int = 0
    request_responses: tuple[dict[str, Any], ...] = ()


class Firehose:
    """Puts records into one stream; signed if there are credentials, which are looked for at each call."""

    def __init__(
        self,
        stream: LogStream,
        environ: Mapping[str, str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises `MasugataError` for a URL that cannot be one."""
        self._stream = stream
        self._environ = environ
        self._clock = clock
        self._send = HttpTransport(stream.url, environ.get("AWS_CA_BUNDLE") or None)

    def __call__(self, records: Sequence[bytes]) -> list[int]:
        """As `delivery.Put`."""
        answer = self._send(self._request(records))
        if answer.status != _OK:
            raise _error(answer)
        try:
            taken = msgspec.json.decode(answer.body, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise MasugataError(f"its answer is none of PutRecordBatch: {error}") from error
        if not taken.failed_put_count:
            return []
        if len(taken.request_responses) != len(records):
            raise MasugataError("its answer does not say which records it took")
        return [index for index, one in enumerate(taken.request_responses) if one.get("ErrorCode")]

    def close(self) -> None:
        """Let the connection go."""
        self._send.close()

    def _request(self, records: Sequence[bytes]) -> HttpRequest:
        body = {
            "DeliveryStreamName": self._stream.name,
            "Records": [{"Data": b64encode(record).decode()} for record in records],
        }
        headers = (
            ("host", self._send.host),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", _TARGET),
        )
        request = HttpRequest(method="POST", path="/", headers=headers, body=msgspec.json.encode(body))
        keys = configured_keys(self._environ)
        if keys is None:
            return request
        region, now = self._stream.region, self._clock()
        return signed(request, keys, service="firehose", region=region, now=now)


def _error(answer: HttpResponse) -> MasugataError:
    """What an answer says that took nothing."""
    code, message = "", ""
    try:
        said = msgspec.json.decode(answer.body, type=dict[str, Any])
        code = str(said.get("__type", "")).rpartition("#")[2].partition(":")[0]
        message = str(said.get("message", said.get("Message", "")))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    text = f"status {answer.status} {code} {message}".strip()[:_SHOWN]
    return RefusedRecordsError(text) if code in _NEVER or answer.status == _TOO_LARGE else MasugataError(text)
