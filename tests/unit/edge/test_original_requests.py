"""Questions of proxies, as vectors: what is read in them, and which are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from masugata.edge.http import BadMessageError, parse_request
from masugata.edge.original_requests import (
    BadQuestionError,
    as_it_is,
    dialect_of,
    never_2xx,
    only_401_and_403,
)
from masugata.edge.sources import Networks
from masugata.engines.waf.decision import Response

VECTORS = Path(__file__).parents[2] / "vectors" / "forward-auth" / "questions.json"
QUESTIONS: list[dict[str, Any]] = json.loads(VECTORS.read_text("utf-8"))
TRUSTED = Networks(["127.0.0.1", "10.0.0.0/8"])


@pytest.mark.parametrize("question", QUESTIONS, ids=[f"{one['at']} {one['name']}" for one in QUESTIONS])
def test_questions(question: dict[str, Any]) -> None:
    """Each is read as its vector says, or refused for its defect."""
    lines = [f"GET {question['at']} HTTP/1.1", *(f"{name}: {value}" for name, value in question["headers"])]
    asked = parse_request("\r\n".join(lines).encode())
    dialect = dialect_of(asked.target)
    assert dialect is not None
    read = dialect.read
    if "reads" not in question:
        error = BadQuestionError if "refused" in question else BadMessageError
        with pytest.raises(error) as raised:
            read(asked, TRUSTED)
        assert raised.value.defect == question.get("refused", question.get("malformed"))
        return
    head, source, scheme = read(asked, TRUSTED)
    assert {
        "method": head.method.decode(),
        "target": head.target.decode(),
        "scheme": scheme,
        "source": source,
        "headers": [[name.decode(), value.decode()] for name, value in head.headers],
    } == question["reads"]


@pytest.mark.parametrize("status", [200, 202, 204, 299, 301, 401, 403, 405, 429, 500, 599])
def test_no_denial_reads_as_consent(status: int) -> None:
    """401 or 403 for nginx, no 2xx for the others; what is handed on after a denial keeps its status."""
    denial = Response(status, (("a", "b"),), b"c")
    assert only_401_and_403(denial).status == (401 if status == 401 else 403)
    assert ("X-Masugata-Status", str(status)) in only_401_and_403(denial).headers
    assert never_2xx(denial) == (Response(403, (("a", "b"),), b"c") if status < 300 else denial)
    assert as_it_is(denial) == denial
