"""The models that a host has in memory: loading, keeping, closing."""
