"""The only module that configures logging: for people on a terminal, JSON lines otherwise."""

import json
import logging
import sys
from datetime import UTC, datetime

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class _Json(logging.Formatter):
    """One JSON object a line: time, level, logger, event, then the event's own data."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_data(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _Human(logging.Formatter):
    """Time, level, event and data as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        data = "".join(f" {name}={value}" for name, value in _data(record).items())
        clock = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        line = f"{clock} {record.levelname.lower():7} {record.getMessage()}{data}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _data(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _PLAIN}


def configure(*, level: int = logging.INFO) -> None:
    """Send every log line to stderr in the one format that suits it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Human() if sys.stderr.isatty() else _Json())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    logging.getLogger("mcp").setLevel(logging.WARNING)  # below that it repeats what was asked
    logging.getLogger("uvicorn.access").disabled = True  # one canonical line per request comes from api.app
