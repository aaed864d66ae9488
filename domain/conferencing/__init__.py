"""Pure decisions about Zoom: what its answers and events mean, and how its events differ from the programme."""
