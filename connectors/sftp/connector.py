"""A merchant's own SFTP server, or Kleep's: tested step by step, then read file by file."""

import threading
from collections.abc import Callable
from typing import BinaryIO, ClassVar
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from connectors.base import Probe, Resource, Settings
from connectors.errors import AddressError, ConnectorError
from connectors.fileserver import EarlierStepError, Entry, FileServer
from connectors.http import check_address
from connectors.sftp import resources as steps
from connectors.sftp.client import Login, Session
from connectors.sftp.forms import SftpForm

LISTED = 2_000  # names of one folder that a test counts


class SftpConnector(FileServer):
    key = "sftp"
    label = _("SFTP server")
    form = SftpForm
    guide = "sftp/guide.html"
    resources = steps.RESOURCES
    secret_names: ClassVar[tuple[str, ...]] = ("secret",)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.session = Session(_login(settings))
        self.folder = str(settings.config.get("folder") or "/")
        self._lock = threading.Lock()
        self._answers: dict[str, Probe] = {}
        self._listed: list[Entry] = []

    def close(self) -> None:
        self.session.close()

    def prove(self) -> None:
        self._ready()
        self.session.entries(self.folder, limit=LISTED)

    def probe(self, resource: Resource) -> Probe:
        """One way to the folder for all lines: each waits for those before it."""
        with self._lock:
            for step in self.resources:
                if step.name not in self._answers:
                    self._answers[step.name] = self._take(step)
                if step.name == resource.name:
                    break
        return self._answers[resource.name]

    def _take(self, step: Resource) -> Probe:
        if any(answer.error for answer in self._answers.values()):
            return Probe(resource=step.name, error=EarlierStepError())
        try:
            return Probe(resource=step.name, count=self._steps()[step.name]())
        except ConnectorError as error:
            return Probe(resource=step.name, error=error)

    def _steps(self) -> dict[str, Callable[[], int | None]]:
        session, login = self.session, self.session.login
        return {
            "name": lambda: check_address(login.host, login.port),
            "port": session.open,
            "host_key": session.check_host_key,
            "login": session.log_in,
            "folder": lambda: session.folder(self.folder),
            "listing": self._list,
            "reading": self._read,
        }

    def _list(self) -> int:
        self._listed = self.session.entries(self.folder, limit=LISTED)
        return len(self._listed)

    def _read(self) -> int | None:
        """The first bytes of a file; where there is none yet, nothing is wrong."""
        files = [entry for entry in self._listed if entry.is_file]
        for entry in files[:1]:
            self.session.peek(f"{self.folder.rstrip('/')}/{entry.name}", entry.name)
        return None

    def _ready(self) -> None:
        if not self.session.is_logged_in:
            self.session.open()
            self.session.log_in()

    def host_key(self) -> str:
        self.session.open()
        return self.session.host_key()

    def entries(self, folder: str, *, limit: int) -> list[Entry]:
        self._ready()
        return self.session.entries(folder, limit=limit)

    def fetch(self, path: str, entry: Entry, into: BinaryIO, *, until: float) -> None:
        self._ready()
        self.session.fetch(path, entry, into, until=until)

    def move(self, path: str, to: str) -> None:
        self._ready()
        self.session.move(path, to)


def _login(settings: Settings) -> Login:
    try:
        parts = urlsplit(str(settings.config.get("url", "")))
        host, port = parts.hostname, parts.port
    except ValueError:  # its text repeats the address
        host, port = None, None
    if host is None or parts.scheme != "sftp":
        raise AddressError(detail="no sftp:// address in the configuration")
    secret = settings.secrets.get("secret", "")
    by_password = settings.config.get("auth") == "password"
    return Login(
        host=host,
        port=port or 22,
        user=str(settings.config.get("user", "")),
        password=secret if by_password else "",
        private_key="" if by_password else secret,
        host_key=str(settings.config.get("host_key", "")),
    )


PLATFORM = SftpConnector
