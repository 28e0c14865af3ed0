"""What the processes of an edge share, and where."""

from pathlib import Path

import pytest

import web_acls
from masugata.edge.challenge import ChallengeSettings, TokenSecretError
from masugata.edge.protection import Protection
from masugata.edge.rates.shared import LONGEST_WINDOW
from masugata.edge.rates.sharing import SharingError
from masugata.edge.shared_files import run_directory

HOST = (b"host", b"shop.example")
NOW = 1_795_000_000.0


def test_a_run_has_a_directory_of_its_own() -> None:
    """Nobody else can look into it, and nothing stays."""
    with run_directory() as path, run_directory() as other:
        assert path != other
        assert path.stat().st_mode & 0o777 == 0o700
        (path / "file").touch()
    assert not path.exists()


def test_the_processes_of_a_run_protect_together(tmp_path: Path) -> None:
    """One limit, whichever process a request comes to; a rule that is gone is forgotten, attempts are not."""
    flood = {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP"}}
    plan = web_acls.compiled(web_acls.ruleset(web_acls.rule("flood", 0, flood)))
    with run_directory() as path:
        now = [NOW]
        processes = [Protection(path, tmp_path / "token-secret", clock=lambda: now[0]) for _ in range(2)]
        settings = ChallengeSettings(attempts=1)
        inspectors = [process.inspector(plan, web_acls.World(), settings) for process in processes]

        def asked(number: int, target: str = "/", method: bytes = b"GET") -> object:
            request = web_acls.get(target, HOST, method=method)
            decision = inspectors[number % 2].inspect(request, NOW)
            return decision.response.status if decision.response is not None else decision.action

        assert [asked(number) for number in range(12)] == ["ALLOW"] * 10 + [403] * 2
        assert [asked(n, "/.masugata-waf/challenge", b"POST") for n in range(2)] == [403, 429]
        for _ in range(2):
            for process in processes:
                process.retain([])
            now[0] += LONGEST_WINDOW + 1
        for process in processes:
            process.retain([])
        assert len(list(path.glob("*.rates"))) == 1
        now[0] = NOW
        assert [asked(number) for number in range(2)] == ["ALLOW"] * 2
        assert asked(0, "/.masugata-waf/challenge", b"POST") == 429
        for process in processes:
            process.close()


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """A missing directory, a secret that others can read, an address that is none."""
    secret = tmp_path / "token-secret"
    with pytest.raises(FileNotFoundError):
        Protection(tmp_path / "absent", secret)
    with pytest.raises(SharingError, match="redis://"):
        Protection(tmp_path, secret, "http://127.0.0.1")
    secret.chmod(0o644)
    with pytest.raises(TokenSecretError, match="0600"):
        Protection(tmp_path, secret)
