"""Asynchronous writes: taken, given a number, and never carried out, for these shops keep nothing."""

import hashlib
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field

from connectors.sandbox.magento import replies
from connectors.sandbox.magento.replies import Json

KEPT = 1000


@dataclass
class Bulks:
    _started: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, body: bytes, at: str) -> Json:
        number = str(uuid.uuid4())
        with self._lock:
            self._started[number] = at
            while len(self._started) > KEPT:
                self._started.popitem(last=False)
        request = {"id": 0, "data_hash": hashlib.sha256(body).hexdigest(), "status": "accepted"}
        return {"bulk_uuid": number, "request_items": [request], "errors": False}

    def status(self, number: str) -> Json:
        """Raises Refusal."""
        if number not in self._started:
            raise replies.Refusal(404, "Bulk uuid %bulkUuid not exist", {"bulkUuid": number})
        return {
            "operations_list": [{"id": 0, "status": 4, "result_message": None, "error_code": None}],
            "user_type": 1,
            "bulk_id": number,
            "description": "Topic async.sandbox.post",
            "start_time": self._started[number],
            "user_id": 1,
            "operation_count": 1,
        }
