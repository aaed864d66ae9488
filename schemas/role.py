"""What somebody is in the monitor. What each role may do stands in `domain/roles.py`."""

from typing import Literal

Role = Literal["viewer", "operator", "secretariat", "admin", "auditor"]
