"""Challenges and CAPTCHAs: the pages, the puzzles in them, and the tokens for those who solve one."""

from masugata.edge.challenge.challenges import Challenges
from masugata.edge.challenge.inspecting import WafInspector
from masugata.edge.challenge.pages import PREFIX
from masugata.edge.challenge.secret import TokenSecret, TokenSecretError
from masugata.edge.challenge.settings import ChallengeSettings
from masugata.edge.challenge.spent import SpentPuzzles
from masugata.edge.challenge.tokens import WafTokens

__all__ = [
    "PREFIX",
    "ChallengeSettings",
    "Challenges",
    "SpentPuzzles",
    "TokenSecret",
    "TokenSecretError",
    "WafInspector",
    "WafTokens",
]
