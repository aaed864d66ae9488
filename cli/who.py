"""Who sits at the command line, for the audits."""

import os
import pwd


def who() -> str:
    """`cli:NAME` by the operating system's account, whatever the environment says; its number where it has no name."""
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"cli:{os.getuid()}"
