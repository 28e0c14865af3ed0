"""Edges of an ephemeral server, before that answers."""

from pathlib import Path

from masugata.cli._edges_in_memory import EdgesInMemory
from masugata.cli._options import settings_from
from masugata.edge.settings import read_site


def test_the_keys_of_a_run_before_are_not_tried(tmp_path: Path) -> None:
    """They are nobody's any more: what asked with them would be refused, and say so as an error."""
    left = tmp_path / "credentials"
    left.write_text("[default]\n")
    edges = EdgesInMemory(
        settings_from({"data": tmp_path, "ephemeral": True}), (read_site("shop=127.0.0.1:0=:1", None),)
    )
    assert edges.endpoint("http://127.0.0.1:1").credentials == str(left)
    assert not left.exists()
