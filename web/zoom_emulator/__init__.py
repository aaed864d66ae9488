"""Zoom as its documents describe it, down to its faults, for demonstrations, rehearsals and tests.

Written from the documents, not from our client. It holds what Zoom would hold; so its folder is as personal as Zoom.
`Emulator` (`emulator.py`) is the whole, `create_emulator` (`app.py`) serves it. A call of the API goes through `api.py`
to `endpoints.py`. What Zoom's documents leave open is in `options.py`, what can go wrong in `faults.py`.

Not emulated: events found by their UUID, registration for single occurrences, monthly recurrence, tracking sources
that exist before somebody comes by one, and whatever Zoom does with video.
"""
