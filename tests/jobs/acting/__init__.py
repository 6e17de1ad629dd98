"""A server's settings with a kind of job of the tests' own, for processes that the tests start."""
