"""The storm: registrations pour in while everything around them fails. `python -m bench.storm`; docs/storm.md."""
