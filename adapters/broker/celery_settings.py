"""How Celery is set up, each choice with its reason; `docs/decisions/0004-celery-repairs.md` has the measurements.

The manner of it: Celery may lose a message or run it twice, and neither matters, because rows say what is to be done.
What it must never do is stop without a word. So work is acknowledged late, everything has a time limit, and a broker
that went away is asked for again for ever.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kombu import Queue

from adapters.broker.queues import QUEUES

_PUBLISH_ONCE_MORE = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
"""A row is committed before its id is published, and the sweep publishes what this could not. So give up within a
tenth of a second: the door's answer must not hang on the broker."""

_TRANSPORT: Mapping[str, object] = {
    # A message that nobody acknowledged returns to its queue after this long; more than twice the hard time limit.
    "visibility_timeout": 300,
    # Look for such messages every 5 s; Kombu's default comes to 100 s.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A broker that accepts connections and never answers would otherwise hold publishers and workers for ever.
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
    # Kombu's own retries, below those of the publication: it would wait 6 s for a broker that refuses connections.
    **_PUBLISH_ONCE_MORE,
    # A worker that is given several queues takes from each in turn: thousands of envelopes must not keep invitations
    # from being written. Priorities count before that.
    "queue_order_strategy": "round_robin",
}


def celery_settings(
    broker_url: str, *, queues: Sequence[str] = QUEUES, transport_options: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """The settings for `app.conf.update`.

    Args:
        broker_url: `BrokerAddress.celery_url`.
        queues: the names of the only queues there are; `housekeeping`, or else the last, takes what names none.
        transport_options: `BrokerAddress.transport_options`.
    """
    return {
        "broker_url": broker_url,
        "broker_transport_options": {**_TRANSPORT, **(transport_options or {})},
        # Published through the nameless exchange straight to the list of that name: nothing to bind, so a broker that
        # lost everything works on. A queue that nobody reads must be an error, not a new queue.
        "task_queues": [Queue(name, routing_key=name) for name in queues],
        "task_create_missing_queues": False,
        "task_default_queue": "housekeeping" if "housekeeping" in queues else queues[-1],
        **_TASKS,
        **_WORKERS,
        **_CONNECTIONS,
    }


_TASKS: Mapping[str, Any] = {
    # Acknowledged when done, also where it failed: failures are recorded in SQL. Only a worker that dies leaves its
    # message to another. Without the second, the message of a killed child process counts as done.
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure": True,
    "task_acks_on_timeout": True,
    # State lives in SQL; results would only fill the broker.
    "task_ignore_result": True,
    "result_backend": None,
    # Messages carry ids. JSON cannot carry code, as pickle can.
    "task_serializer": "json",
    "accept_content": ["json"],
    # Soft, then hard, and the message returns to its queue long after both.
    "task_soft_time_limit": 60,
    "task_time_limit": 90,
    "task_publish_retry": True,
    "task_publish_retry_policy": _PUBLISH_ONCE_MORE,
    # Events for Flower cost up to half of the throughput; the admin page reads rows and the broker.
    "task_send_sent_event": False,
}

_WORKERS: Mapping[str, Any] = {
    # What a worker has taken and not begun, others cannot begin. On a local broker prefetching gains nothing.
    "worker_prefetch_multiplier": 1,
    # It would end a child process in the middle of an SMTP dialogue: sent, and not known to be sent.
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    # Against leaks. A low number costs much: starting a process is dearer than a task.
    "worker_max_tasks_per_child": 2000,
    "worker_max_memory_per_child": 400_000,  # KiB
    # Nobody may turn this off: where every message taken is stuck, the connection that listens for remote commands is
    # the only one that notices a dead broker.
    "worker_enable_remote_control": True,
    "worker_send_task_events": False,
    # Log lines are config.logging's business.
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
}

_CONNECTIONS: Mapping[str, Any] = {
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # for ever; the default gives up after 100
    "broker_connection_timeout": 2.0,
    "broker_pool_limit": 4,
}
