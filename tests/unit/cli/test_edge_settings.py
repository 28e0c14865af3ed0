"""What settings say of an edge, and which mean nothing."""

from pathlib import Path

import pytest

from masugata.cli._edge_settings import edge_settings
from masugata.edge.settings import EdgeSettingsError
from masugata.errors import MasugataError
from masugata.settings import Settings, load_settings

URL = "redis://:s3cret@127.0.0.1:6379/1"


def test_sinks_of_logs() -> None:
    """A flag comes before a setting; what is no stream, or no safe URL, is refused."""
    name = "aws-waf-logs-a"
    settings = load_settings(
        {}, {"MASUGATA_LOG_SINKS": f"{name}=http://127.0.0.1:1,aws-waf-logs-b=https://b"}
    )
    assert edge_settings(settings)["log_sinks"] == {name: "http://127.0.0.1:1", "aws-waf-logs-b": "https://b"}
    assert edge_settings(settings, [f"{name}=https://c"])["log_sinks"][name] == "https://c"
    for text in ("logs=https://c", name, f"{name}=http://192.0.2.1", f"{name}=https://u:s3cret@c"):
        with pytest.raises(EdgeSettingsError) as raised:
            edge_settings(Settings(), [text])
        assert "s3cret" not in str(raised.value)


def test_the_url_of_redis(tmp_path: Path) -> None:
    """It comes from a variable, or from the first line of a file, and nothing tells it."""
    file = tmp_path / "redis"
    file.write_text(f"{URL}\n")
    assert edge_settings(Settings())["redis"] is None
    settings = load_settings({}, {"MASUGATA_REDIS_URL": URL})
    assert edge_settings(settings)["redis"] == URL
    assert "s3cret" not in repr(settings)
    assert edge_settings(load_settings({"redis_url_file": file}, {}))["redis"] == URL
    for content in ("", "http://:s3cret@127.0.0.1\n", "redis://:s3cret@127.0.0.1:port"):
        file.write_text(content)
        with pytest.raises(MasugataError) as raised:
            edge_settings(load_settings({"redis_url_file": file}, {}))
        assert "s3cret" not in str(raised.value)
    with pytest.raises(EdgeSettingsError, match="cannot read"):
        edge_settings(load_settings({"redis_url_file": tmp_path / "absent"}, {}))
