"""The pages to a merchant's own server: its key is shown and compared before anything secret is sent."""

import pytest
from django.test import Client
from django.urls import reverse

from connectors import sshkeys
from connectors.checking import run
from connectors.models import Check, Connection
from onboarding.models import Event, FileSource, Membership, User
from tests.connectors.sftp.conftest import Merchant

pytestmark = [pytest.mark.sftp, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner(lumen: Merchant) -> Client:
    user = User.objects.create_user("owner@lumen.example", "correct horse battery")
    Membership.objects.create(user=user, merchant=lumen.shop.merchant)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _address(merchant: Merchant, name: str = "file_server") -> str:
    return reverse(name, args=[merchant.shop.slug])


def _login(merchant: Merchant, **changes: str) -> dict[str, str]:
    given = {
        "host": "127.0.0.1",
        "port": str(merchant.server.port),
        "host_key": merchant.server.host_key,
        "user": merchant.user,
        "folder": f"/{merchant.shop.slug}/preprod",
        "private_key": merchant.pair.private,
    }
    return {**given, **changes}


def test_the_fingerprint_comes_first_and_the_steps_are_shown_at_the_end(
    lumen: Merchant, owner: Client
) -> None:
    where = {"host": "sftp://somebody@127.0.0.1/", "port": str(lumen.server.port)}
    page = owner.post(_address(lumen), where).content.decode()
    assert sshkeys.fingerprint(lumen.server.host_key) in page
    assert Connection.objects.filter(platform="sftp").count() == 0

    saved = owner.post(_address(lumen), _login(lumen))
    assert saved["Location"] == _address(lumen)
    source = FileSource.objects.select_related("server").get()
    assert source.way == FileSource.Way.OWN
    assert source.server is not None
    assert source.server.config["host_key"] == lumen.server.host_key
    run(Check.objects.get())
    page = owner.get(_address(lumen)).content.decode()
    assert page.count("status-good") == 7
    assert lumen.pair.private.splitlines()[1] not in page
    events = str(list(Event.objects.values_list("data", flat=True)))
    assert lumen.pair.private.splitlines()[1] not in events


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": "nobody"}, "does not let nobody in"),
        ({"folder": "/nowhere"}, "There is no folder /nowhere"),
        ({"folder": "/../.."}, "without “..”"),
        ({"private_key": ""}, "Give the password, or a private key."),
        ({"private_key": "ssh-ed25519 AAAA"}, "This is the public key."),
        ({"password": "x"}, "not both"),
        (
            {"host_key": sshkeys.make_pair("x").public.line},
            "The server shows another host key",
        ),
    ],
)
def test_a_log_in_that_does_not_work_is_not_kept_and_nothing_secret_comes_back(
    lumen: Merchant, owner: Client, changes: dict[str, str], said: str
) -> None:
    answer = owner.post(_address(lumen), _login(lumen, **changes))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert lumen.pair.private.splitlines()[1] not in page
    assert Connection.objects.filter(platform="sftp").count() == 0
    assert FileSource.objects.count() == 0


def test_a_server_that_does_not_answer_is_said_at_the_first_step(
    lumen: Merchant, owner: Client
) -> None:
    for host, said in (("10.1.2.3", "private network"), ("no-such-host.invalid", "No server")):
        page = owner.post(_address(lumen), {"host": host, "port": "22"}).content.decode()
        assert said in page
        assert "fingerprint" not in page.lower().split("<main", 1)[1].split("</main", 1)[0]
