"""The program's log on standard error: lines for people, or JSON for machines.

A line is always one line: whatever a stranger has put into a message, it cannot begin another one, move the
cursor of a terminal, or fill the disk by its length.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from masugata.settings import Settings

_LONGEST_MESSAGE = 8_192  # characters
_LONGEST_TRACE = 65_536
_FIELDS = "fields"


def configure_logging(settings: Settings, worker: int | None = None) -> None:
    """Log to standard error as the settings say, uvicorn's loggers and warnings included."""
    if logging.getLogger().handlers:  # somebody who calls us has decided already
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(worker) if settings.log_format == "json" else TextFormatter(worker))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    logging.captureWarnings(capture=True)


def visible(text: str) -> str:
    """The same text with every character written out that is not seen as itself, ends of lines above all."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


class _Formatter(logging.Formatter):
    """What both forms have in common."""

    def __init__(self, worker: int | None) -> None:
        super().__init__()
        self._worker = worker

    def _time(self, record: logging.LogRecord) -> str:
        return (
            datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )

    def _trace(self, record: logging.LogRecord) -> list[str]:
        """The lines of the traceback, none longer than a message, all together bounded."""
        parts = []
        if record.exc_info:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        text = "\n".join(parts)
        if len(text) > _LONGEST_TRACE:  # the end says what it was
            text = f"… ({len(text)} characters)\n{text[-_LONGEST_TRACE:]}"
        return [_cut(visible(line), _LONGEST_MESSAGE) for line in text.splitlines()]

    def _message(self, record: logging.LogRecord) -> str:
        return _cut(visible(record.getMessage()), _LONGEST_MESSAGE)


class TextFormatter(_Formatter):
    """`TIME LEVEL LOGGER: MESSAGE name=value …`, with the lines of a traceback set in below."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        who = record.name if self._worker is None else f"{record.name}: worker {self._worker}"
        line = f"{self._time(record)} {record.levelname} {who}: {self._message(record)}"
        fields: dict[str, Any] = getattr(record, _FIELDS, {})
        line += "".join(f" {name}={_cut(visible(str(value)), 2048)}" for name, value in fields.items())
        return "\n    ".join([line, *self._trace(record)])


class JsonFormatter(_Formatter):
    """One JSON object a line, with the members `time`, `level`, `logger` and `message`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        content: dict[str, Any] = {
            "time": self._time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
            "process": record.process,
        }
        if self._worker is not None:
            content["worker"] = self._worker
        for name, value in getattr(record, _FIELDS, {}).items():
            content[name] = value if isinstance(value, int | float) else _cut(visible(str(value)), 2048)
        if trace := self._trace(record):
            content["exception"] = trace
        return orjson.dumps(content).decode()
