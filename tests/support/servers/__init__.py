"""Servers that tests start: a Hub, a sign-in, PostgreSQL, the vote store."""
