"""Answers of the query and json protocols, read back to values; and errors, as errors."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from masugata.errors import AwsError, MasugataError
from masugata.wire import HttpResponse, ServiceModel, load_service
from masugata.wire import _xml_reader as xml
from masugata.wire.models import Reference
from masugata.wire.xml_body import compile_shape

_SUCCESS = 300


class UnreadableAnswerError(MasugataError):
    """What answered does not speak the service's protocol."""


def decoded(model: ServiceModel, operation: str, response: HttpResponse) -> dict[str, Any]:
    """The answer by member names; times of json are numbers. Raises `AwsError` for an error's.

    What is no answer of the service at all raises `UnreadableAnswerError`.
    """
    query = "query" in model.protocols
    if response.status >= _SUCCESS:
        raise _xml_error(response) if query else _json_error(response)
    if not query:
        return _json_object(response)
    result = _reader(model.name, operation)
    try:
        root = xml.read(response.body)
        if root.name != f"{operation}Response":
            raise UnreadableAnswerError(f"the answer to {operation} is something else: `{root.name[:40]}`")
        return result(next((child for child in root.children if child.name == f"{operation}Result"), root))
    except AwsError as error:
        raise UnreadableAnswerError(f"the answer to {operation} cannot be read: {error.message}") from error


@lru_cache(maxsize=256)
def _reader(service: str, operation: str) -> Callable[[xml.Element], dict[str, Any]]:
    model = load_service(service)
    output = model.operation(operation).output
    if output is None:
        return lambda _element: {}
    return compile_shape(model, Reference(shape=output))


def _json_object(response: HttpResponse) -> dict[str, Any]:
    try:
        answer = orjson.loads(response.body or b"{}")
    except orjson.JSONDecodeError as error:
        raise UnreadableAnswerError(f"an answer with status {response.status} is not JSON") from error
    if not isinstance(answer, dict):
        raise UnreadableAnswerError(f"an answer with status {response.status} is not a JSON object")
    return answer


def _json_error(response: HttpResponse) -> AwsError:
    answer = _json_object(response)
    code = str(answer.get("__type", "")).rpartition("#")[2].partition(":")[0]
    if not code:
        raise UnreadableAnswerError(f"an answer with status {response.status} names no error")
    message = answer.get("message", answer.get("Message", ""))
    fields = {name: value for name, value in answer.items() if name == "Reason"}
    return AwsError(code, str(message), response.status, **fields)


def _xml_error(response: HttpResponse) -> AwsError:
    try:
        root = xml.read(response.body)
    except AwsError as unreadable:
        raise UnreadableAnswerError(f"an answer with status {response.status} is not XML") from unreadable
    error = next((child for child in root.children if child.name == "Error"), root)
    texts = {child.name: child.text for child in error.children}
    if not texts.get("Code"):
        raise UnreadableAnswerError(f"an answer with status {response.status} names no error")
    return AwsError(texts["Code"], texts.get("Message", ""), response.status)
