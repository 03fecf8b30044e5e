"""A real SFTP server with two merchants, one shop each."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connectors.sshkeys import Pair
from onboarding import services
from onboarding.models import SftpAccount, Shop
from onboarding.services.sftp_keys import make_sftp_key
from tests.openssh import Result, Server, openssh


@dataclass
class Merchant:
    """A shop, the user of its merchant, and the key that was made for it."""

    shop: Shop
    pair: Pair
    server: Server

    @property
    def user(self) -> str:
        return SftpAccount.objects.get(merchant=self.shop.merchant).username

    def sftp(self, *commands: str) -> Result:
        return self.server.sftp(self.user, self.server.key_file(self.pair.private), *commands)


@pytest.fixture(scope="session")
def sshd(django_db_setup: None) -> Iterator[Server]:
    with openssh() as server:
        yield server


@pytest.fixture
def server(sshd: Server, transactional_db: None) -> Server:
    """It asks the database of this test: in a process of its own, so what the test does is committed."""
    return sshd


def _merchant(server: Server, name: str) -> Merchant:
    # A name of its own: system users outlive a test that is killed.
    merchant = services.create_merchant(f"{name} {secrets.token_hex(3)}", by=None)
    shop = services.create_shop(merchant, "Paris", by=None)
    return Merchant(shop, make_sftp_key(shop, "Export", by=None), server)


@pytest.fixture
def lumen(server: Server) -> Merchant:
    merchant = _merchant(server, "Lumen")
    server.provision()
    return merchant


@pytest.fixture
def brume(server: Server, lumen: Merchant) -> Merchant:
    merchant = _merchant(server, "Brume")
    server.provision()
    return merchant
