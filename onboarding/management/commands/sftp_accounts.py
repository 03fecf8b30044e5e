"""manage.py sftp_accounts: the users and folders of Kleep's SFTP server, for deploy/sftp/provision.py."""

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand

from onboarding import sftp_accounts


class Command(BaseCommand):
    help = "Print one JSON object per SFTP account: its user and its folders."

    def handle(self, *args: Any, **options: Any) -> None:
        for account in sftp_accounts.accounts():
            self.stdout.write(json.dumps(dataclasses.asdict(account)))
