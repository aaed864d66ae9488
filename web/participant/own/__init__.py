"""What participants do by themselves: their own page `/r/`, and their sessions as a calendar feed `/cal/`."""
