"""The key of what an account has one of, or none."""

ONE_PER_ACCOUNT = "account"
