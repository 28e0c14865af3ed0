"""Identity providers that the tests run."""
