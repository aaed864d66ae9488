"""Servers that the tests start by themselves, and end."""
