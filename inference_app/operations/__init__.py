"""Addresses for whoever operates the server, and the first page."""
