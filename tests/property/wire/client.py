"""botocore as the client half: its requests as they arrive here, its reading of our answers."""

import gzip
import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import botocore
import botocore.parsers
import botocore.serialize
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, Shape
from botocore.model import ServiceModel as ClientModel
from botocore.utils import percent_encode_sequence

from masugata.wire import HttpRequest, HttpResponse

# Our names of protocols -> botocore's.
PROTOCOLS = {
    "query": "query",
    "ec2": "ec2",
    "json-1.0": "json",
    "json-1.1": "json",
    "rest-json": "rest-json",
    "rest-xml": "rest-xml",
    "rpc-v2-cbor": "smithy-rpc-v2-cbor",
}


@lru_cache(maxsize=24)
def client_model(service: str) -> ClientModel:
    folder = Path(botocore.__file__).parent / "data" / service
    newest = max(entry for entry in folder.iterdir() if entry.is_dir())
    raw = gzip.decompress((newest / "service-2.json.gz").read_bytes())
    return ClientModel(json.loads(raw), service)


def sent(operation: OperationModel, protocol: str, value: dict[str, Any]) -> HttpRequest:
    """The request as botocore would send it, and as a server hands it in."""
    serializer = botocore.serialize.create_serializer(PROTOCOLS[protocol], include_validation=False)
    raw = serializer.serialize_to_request(value, operation)
    body = raw["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    path, _, query = raw["url_path"].partition("?")
    more = raw["query_string"]
    if more:
        query = "&".join(filter(None, (query, percent_encode_sequence(more))))
    return HttpRequest(
        method=raw["method"],
        path=path,
        query=query,
        headers=tuple((name.lower(), text.strip(" \t")) for name, text in raw["headers"].items()),
        body=body.encode() if isinstance(body, str) else body,
    )


def received(
    operation: OperationModel, protocol: str, response: HttpResponse, shape: Shape | None = None
) -> dict[str, Any]:
    """What botocore makes of an answer; with the shape of an error, that error's members."""
    parser = botocore.parsers.create_parser(PROTOCOLS[protocol])
    streams = operation.has_streaming_output and response.status < 300
    raw = {
        "status_code": response.status,
        "headers": HeadersDict(response.headers),
        "body": io.BytesIO(response.body) if streams else response.body,
    }
    parsed: dict[str, Any] = parser.parse(raw, shape or operation.output_shape)
    for name, item in parsed.items():
        if isinstance(item, io.BytesIO):
            parsed[name] = item.read()
    return parsed
