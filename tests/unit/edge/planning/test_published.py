"""Plans as files: read as they were written, or not at all."""

from pathlib import Path

import pytest

from masugata.edge.planning.published import PlanFileError, Published, plan_file, publish, read_published
from masugata.web_acl_documents import default_ruleset


def test_what_is_published_is_read(tmp_path: Path) -> None:
    """A ruleset comes back as it was, from a file that nobody else can read; a newer one replaces it."""
    path = plan_file(tmp_path, "shop")
    assert read_published(path) is None
    plan = Published(edge="shop", ruleset=default_ruleset())
    publish(path, plan)
    assert (read_published(path), path.stat().st_mode & 0o777) == (plan, 0o600)
    publish(path, Published(edge="shop", reason="none"))
    assert read_published(path) == Published(edge="shop", reason="none")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("defect", ["cut", "changed", "empty", "other version"])
def test_damage(tmp_path: Path, defect: str) -> None:
    """What is damaged is an error, never another plan."""
    path = plan_file(tmp_path, "shop")
    publish(path, Published(edge="shop", ruleset=default_ruleset()))
    content = path.read_bytes()
    damaged = {
        "cut": content[:-1],
        "changed": content[:-1] + bytes((content[-1] ^ 1,)),
        "empty": b"",
        "other version": content.replace(b"plan 1", b"plan 2"),
    }
    path.write_bytes(damaged[defect])
    with pytest.raises(PlanFileError, match="damaged"):
        read_published(path)


def test_a_file_that_others_can_write(tmp_path: Path) -> None:
    """It is not believed."""
    path = plan_file(tmp_path, "shop")
    publish(path, Published(edge="shop"))
    path.chmod(0o622)
    with pytest.raises(PlanFileError, match="others"):
        read_published(path)
