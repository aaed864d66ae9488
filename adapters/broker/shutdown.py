"""A worker's end: what runs is finished and acknowledged, nothing new is begun, and it does not take for ever.

Celery's own ways were measured and found wanting (`docs/decisions/0004-celery-repairs.md`): its warm shutdown stops
listening to the child processes first, so a task that had just begun is done but not acknowledged, and its end may
last half a minute; its soft shutdown always sleeps for the whole time it was given.
"""

import os
import signal
import threading

from celery.signals import worker_ready
from celery.worker import state
from celery.worker.consumer import Consumer

_LOOK = 0.1


def drain_on_sigterm(seconds: float = 25.0) -> None:
    """Make SIGTERM end any worker of this process that way, within `seconds` and the two or so that Celery takes.

    What is still running then goes back to its queue. A worker without a connection ends at once.
    """

    def arm(sender: Consumer, **_: object) -> None:
        # Sent at each new connection, in the main thread of the main process. Children get the old handler back.
        signal.signal(signal.SIGTERM, _Drain(sender, seconds).begin)

    worker_ready.connect(arm, weak=False)


class _Drain:
    def __init__(self, consumer: Consumer, seconds: float) -> None:
        self._consumer = consumer
        self._seconds = seconds
        self._begun = False

    def begin(self, *_signal: object) -> None:
        if self._begun:
            return
        self._begun = True
        late = threading.Timer(self._seconds, os.kill, (os.getpid(), signal.SIGQUIT))
        late.daemon = True
        late.start()
        if self._consumer.connection is None:
            state.should_stop = os.EX_OK  # type: ignore[assignment]
        else:
            # From a timer, for a signal may come in the middle of reading a message.
            self._consumer.timer.call_after(0, self._take_no_more)
            self._consumer.timer.call_repeatedly(_LOOK, self._end_when_idle)

    def _take_no_more(self) -> None:
        for queue in list(self._consumer.app.amqp.queues.consume_from):
            self._consumer.cancel_task_queue(queue)

    def _end_when_idle(self) -> None:
        if not state.reserved_requests:
            state.should_stop = os.EX_OK  # type: ignore[assignment]
