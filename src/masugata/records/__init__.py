"""Typed records, one file per service, and the table of all their kinds."""

from masugata.records.account import ACCOUNT
from masugata.records.iam import IAM_KINDS

ALL_KINDS = (ACCOUNT, *IAM_KINDS)
