"""The program's log: one line stays one line, whoever wrote into it."""

import json
import logging
import warnings

import pytest
from hypothesis import given, strategies

from masugata.server.monitoring import configure_logging
from masugata.server.monitoring.logs import JsonFormatter, TextFormatter, visible
from masugata.settings import Settings

NASTY = "a\nFAKE 2026 ERROR\r\x1b[2J\x9b31m\u2028b\u202ec\x00\x7f\ud800"


def record(message, *arguments, fields=None, exc_info=None):
    """A record as a logger makes it."""
    made = logging.LogRecord("masugata.test", logging.WARNING, "", 1, message, arguments, exc_info)
    made.created = 1_772_366_400.25
    if fields is not None:
        made.fields = fields
    return made


def raised(error):
    """What `exc_info` is inside an `except` block."""
    try:
        raise error
    except ValueError as caught:
        return type(caught), caught, caught.__traceback__


@pytest.mark.parametrize("formatter", [TextFormatter(None), JsonFormatter(None)])
@given(text=strategies.text())
def test_no_line_inside_a_line(formatter, text):
    """Whatever stands in a message or a field, the line has no end but its own, and no control character."""
    line = formatter.format(record("user %s", text, fields={"principal": text, "status": 200}))
    assert line.isprintable()
    assert line.encode().decode() == line


def test_injection():
    """A name that looks like a log line is seen for what it is."""
    line = TextFormatter(None).format(record("user %s", NASTY))
    assert line == (
        "2026-03-01T12:00:00.250Z WARNING masugata.test: user a\\nFAKE 2026 ERROR\\r\\x1b[2J\\x9b31m\\u2028b"
        "\\u202ec\\x00\\x7f\\ud800"
    )
    content = json.loads(JsonFormatter(None).format(record("user %s", NASTY)))
    assert content["message"].startswith("user a\\nFAKE")


def test_json():
    """The members that every line has, those of a request, and the worker."""
    fields = {"request_id": "r-1", "status": 403, "milliseconds": 0.25, "principal": "arn:aws:iam::1:user/Ä"}
    content = json.loads(JsonFormatter(3).format(record("answered", fields=fields)))
    process = content.pop("process")
    assert isinstance(process, int)
    assert content == {
        "time": "2026-03-01T12:00:00.250Z",
        "level": "warning",
        "logger": "masugata.test",
        "message": "answered",
        "worker": 3,
        **fields,
    }


def test_traceback():
    """A traceback stays readable; its lines are set in, so that none can pass for a line of the log."""
    info = raised(ValueError("bad\n2026-03-01T12:00:00.250Z ERROR masugata: all is lost"))
    lines = TextFormatter(None).format(record("failed", exc_info=info)).splitlines()
    assert lines[0].endswith("WARNING masugata.test: failed")
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[1] == "    Traceback (most recent call last):"
    content = json.loads(JsonFormatter(None).format(record("failed", exc_info=info)))
    assert content["exception"][0] == "Traceback (most recent call last):"
    assert "ValueError: bad" in content["exception"]


@pytest.mark.parametrize("formatter", [TextFormatter(None), JsonFormatter(None)])
def test_bounded(formatter):
    """Neither a message, a field nor a traceback fills the disk."""
    info = raised(ValueError("\n".join(["x" * 100_000] * 3)))
    line = formatter.format(record("m" * 1_000_000, fields={"principal": "p" * 1_000_000}, exc_info=info))
    assert len(line) < 100_000
    assert "(1000000 characters)" in line


def test_visible():
    """What can be read is left as it is."""
    assert visible("Müller 枡形 ✓ 'x' \\") == "Müller 枡形 ✓ 'x' \\"


@pytest.fixture
def root_logger():
    """The root logger, as it was, when the test is over."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield logger
    logging.captureWarnings(capture=False)
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_configured(root_logger, capsys):
    """Everything that logs goes through the one form: ours, the HTTP server's, and warnings."""
    root_logger.handlers.clear()  # pytest's, which are there only now
    configure_logging(Settings(log_format="json", log_level="info"))
    logging.getLogger("masugata.any").info("ours")
    logging.getLogger("masugata.any").debug("too quiet")
    logging.getLogger("uvicorn.error").error("theirs")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", stacklevel=1)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["logger"] for line in lines] == ["masugata.any", "uvicorn.error", "py.warnings"]
    root_logger.handlers.clear()
    configure_logging(Settings())
    configure_logging(Settings(log_format="json"))  # whoever calls us later does not change it
    logging.getLogger("masugata.any").warning("text now")
    assert capsys.readouterr().err.endswith("Z WARNING masugata.any: text now\n")
    assert len(root_logger.handlers) == 1
