"""The steps to a folder on an SFTP server, each a line of the test, in the order in which they are taken."""

from django.utils.translation import gettext_lazy as _

from connectors.base import Resource

NAME = Resource(name="name", label=_("The server's name is known"), path="DNS", required=True)
PORT = Resource(name="port", label=_("Its port is open"), path="TCP", required=True)
HOST_KEY = Resource(
    name="host_key", label=_("It shows the host key that was confirmed"), path="SSH", required=True
)
LOGIN = Resource(name="login", label=_("Kleep may log in"), path="SSH", required=True)
FOLDER = Resource(name="folder", label=_("The folder is there"), path="SFTP", required=True)
LISTING = Resource(name="listing", label=_("Kleep may list it"), path="SFTP", required=True)
READING = Resource(name="reading", label=_("Kleep may read its files"), path="SFTP", required=True)

RESOURCES = (NAME, PORT, HOST_KEY, LOGIN, FOLDER, LISTING, READING)
