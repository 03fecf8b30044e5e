"""Who may open the pages about a shop's files: members, and whoever holds the link to that task."""

import uuid
from functools import partial

from django.utils import timezone

from connectors.models import ReceivedFile
from tests.onboarding.conftest import World
from tests.onboarding.rules.rule import ABSENT, MOVED, shop_task, shop_task_page

FILE = uuid.UUID("7a3c1f7e-0a7c-4d52-9f52-0d6d6f0f5b11")
NOBODYS = uuid.UUID("7a3c1f7e-0a7c-4d52-9f52-0d6d6f0f5b12")


def _file(world: World) -> uuid.UUID:
    """A file that was checked and whose content is no longer kept."""
    now = timezone.now()
    ReceivedFile.objects.get_or_create(
        pk=FILE,
        defaults={
            "connection": world.connection,
            "shop": world.shop.slug,
            "dataset": "returns",
            "name": "returns.csv",
            "origin": "upload",
            "size": 1,
            "said_at": now,
            "sha256": "0" * 64,
            "dry_run": True,
            "state": ReceivedFile.State.CHECKED,
        },
    )
    return FILE


page, action = partial(shop_task_page, "files"), partial(shop_task, "files")
change = partial(shop_task, "files", "get")
of_file = {"more": {"file_id": _file}}

RULES = {
    "files": page(),
    "file_guide": page(more={"dataset": "returns"}),
    "file_example": page(more={"kind": "template", "dataset": "returns"}),
    "files_upload": action(),
    "upload_start": action(data={"name": "returns.csv", "size": "10", "modified": "1"}),
    "upload_part": action(ok=ABSENT, more={"upload_id": NOBODYS}),
    "file_rules": action(ok=MOVED, data={"policy": "good_rows", "time_zone": "UTC"}),
    "files_look": action(ok=ABSENT),  # nothing is looked for where files are uploaded
    "file": page(**of_file),
    "file_state": page(**of_file),
    "file_report": page(ok=ABSENT, **of_file),
    "file_answer": action(ok=MOVED, **of_file),
    "file_store": action(ok=MOVED, **of_file),
    "sftp": change(),
    "file_way": action(ok=MOVED, data={"way": "upload"}),
    "sftp_key_add": action(),
    "sftp_key_make": action(),
    "sftp_key_remove": action(ok=ABSENT, more={"key_id": 1}),
    "file_server": change(),
    "file_server_check": action(ok=ABSENT),
    "file_server_lines": page(ok=ABSENT),
}
