"""What paramiko and the system raise, turned into the caller's next move."""

import errno

import paramiko

from connectors import fileserver as failures
from connectors.errors import ConnectorError

TURNED_DOWN = {errno.EACCES, errno.EPERM}


def failure(error: Exception, *, host: str, user: str, folder: str, name: str) -> ConnectorError:
    detail = type(error).__name__
    if isinstance(error, paramiko.BadAuthenticationType):
        kinds = ", ".join(sorted(error.allowed_types))[:80]
        return failures.LoginKindError(user=user, kinds=kinds, detail=detail)
    if isinstance(error, paramiko.AuthenticationException):
        return failures.LoginRefusedError(user=user, detail=detail)
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return failures.OldServerError(host=host, detail=detail)
    if isinstance(error, TimeoutError):
        return failures.ServerSilentError(host=host, detail=detail)
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT:
        if name:
            return failures.FileChangedError(name=name, detail="gone")
        return failures.FolderMissingError(folder=folder)
    if number in TURNED_DOWN:
        if name:
            return failures.FileForbiddenError(name=name)
        return failures.FolderForbiddenError(folder=folder)
    if isinstance(error, EOFError | ConnectionError | paramiko.SSHException):
        return failures.ServerHungUpError(host=host, detail=detail)
    return failures.ServerFailedError(detail=f"{detail} {number or ''}")
