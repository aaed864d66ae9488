"""What can be wrong with the broker, and whether trying again can help."""

from typing import ClassVar


class BrokerError(Exception):
    """Something about the broker. Messages never hold its password."""

    trying_again_helps: ClassVar[bool]


class BrokerUnavailable(BrokerError):
    """It does not answer now: stopped, restarting, loading its file, or not reachable. Trying again helps."""

    trying_again_helps = True


class BrokerMisconfigured(BrokerError):
    """It will not work like this: a wrong address, a password it refuses, a folder that is not ours.

    Trying again is useless until a person has changed something.
    """

    trying_again_helps = False
