"""Puts work on files into the queue; what the queue loses, the beat finds again in the database."""

import logging

from kombu.exceptions import OperationalError

from connectors import tasks

logger = logging.getLogger(__name__)


def take(file_id: str) -> None:
    try:
        tasks.take_file.delay(file_id)
    except OperationalError:
        logger.warning("file %s waits for the queue", file_id)


def pick_up(source_id: int) -> None:
    from onboarding import file_tasks  # it calls the services, which call this

    try:
        file_tasks.pick_up.delay(source_id)
    except OperationalError:
        logger.warning("source %s waits for the queue", source_id)
