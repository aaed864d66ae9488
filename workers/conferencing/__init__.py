"""Conferencing: everything that is said to Zoom, one event at a time."""
