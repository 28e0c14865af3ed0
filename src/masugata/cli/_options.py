"""Options that several verbs share."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from masugata.settings import Settings, load_settings

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Data directory of the installation. [default: .masugata]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")


def settings_from(flags: Mapping[str, Any]) -> Settings:
    """Settings from flags, this process's environment and `masugata.toml`; raises `SettingsError`."""
    return load_settings(flags, os.environ)
