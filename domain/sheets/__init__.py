"""Registrations in tables: what columns and rows mean, what became of each row, and which columns an export has."""
