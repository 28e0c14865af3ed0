"""A stand-in for Amazon Data Firehose on loopback: keeps what PutRecordBatch brings, or answers as told."""

import base64
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson

Answer = tuple[int, dict[str, Any]]


class FirehoseSink:
    """Records by stream; `answer` may give another answer than success, to the records of a call."""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.records: dict[str, list[bytes]] = {}
        self.answer: Callable[[list[bytes]], Answer | None] = lambda _: None
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, said = sink._take(headers, content)
                body = orjson.dumps(said)
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, headers: dict[str, str], content: bytes) -> Answer:
        self.requests.append((headers, content))
        assert headers["x-amz-target"] == "Firehose_20150804.PutRecordBatch"
        said = orjson.loads(content)
        records = [base64.b64decode(one["Data"], validate=True) for one in said["Records"]]
        answer = self.answer(records) or taken(records)
        if answer[0] == 200:
            kept = self.records.setdefault(said["DeliveryStreamName"], [])
            for record, one in zip(records, answer[1]["RequestResponses"], strict=True):
                if "RecordId" in one:
                    kept.append(record)
        return answer


def taken(records: list[bytes], refused: Callable[[bytes], bool] = lambda _: False) -> Answer:
    """What Firehose answers if it takes all but some."""
    responses = [
        {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow down"}
        if refused(record)
        else {"RecordId": str(number)}
        for number, record in enumerate(records)
    ]
    failed = sum("ErrorCode" in one for one in responses)
    return 200, {"FailedPutCount": failed, "Encrypted": False, "RequestResponses": responses}
