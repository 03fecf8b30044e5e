"""Nor does the name of a merchant's SFTP server lead the portal to what is inside."""

import pytest

from connectors import addresses
from connectors.base import Settings
from connectors.errors import ConnectorError
from connectors.sftp.connector import SftpConnector
from connectors.sftp.forms import SftpForm
from tests.ssrf import corpus
from tests.ssrf.conftest import Internet, NameServer
from tests.ssrf.corpus import PRIVATE
from tests.ssrf.doorbell import Doorbell
from tests.ssrf.test_http import reaching_here

# What stands before the @ is a user's name.
OUTSIDE = f"127.0.0.1@{corpus.SHOP}"


def connector(url: str) -> SftpConnector:
    config = {"url": url, "user": "kleep", "folder": "/", "auth": "password", "host_key": ""}
    return SftpConnector(Settings(config=config, secrets={"secret": "s3cret"}, pseudonym=str))


def lines(url: str) -> dict[str, str]:
    """What the test of a connection says of its first two lines."""
    with connector(url) as tried:
        probes = [tried.probe(step) for step in tried.resources[:2]]
    return {probe.resource: probe.error.code if probe.error else "" for probe in probes}


def refusals(url: str) -> set[str]:
    """The codes of everything that opens a connection: the test, the host key, the daily proof, a pick-up."""
    found = {lines(url)["name"]}
    for ask in (
        SftpConnector.prove,
        SftpConnector.host_key,
        lambda tried: tried.entries("/", limit=1),
        lambda tried: tried.move("/a", "/b"),
    ):
        with connector(url) as tried:
            try:
                ask(tried)
            except ConnectorError as error:
                found.add(error.code)
            else:
                found.add("")
    return found


def _url(host: str, port: int) -> str:
    return f"sftp://{host}:{port}"


def test_no_host_that_leads_inside_is_called(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    found = {one.host: refusals(_url(one.host, bell.port)) for one in corpus.HOSTS}
    assert set().union(*found.values()) == {PRIVATE}
    assert (bell.rings(), internet.called) == (0, [])


@reaching_here
def test_without_the_check_each_of_them_is_called(bell: Doorbell, unchecked: Internet) -> None:
    for one in corpus.HOSTS:
        before, unchecked.called = bell.rings(), []
        assert lines(_url(one.host, bell.port)) == {"name": "", "port": "connection_refused"}, one
        assert tuple(unchecked.called) == one.leads[: addresses.ATTEMPTS], one
        assert bell.rings() - before == one.reaches, one
    assert bell.rings() >= 40


def test_what_is_no_host_is_refused_by_its_name(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    """As it would stand in the database, had the form not been there."""
    asked = [*corpus.UNREADABLE, *corpus.WITH_PASSWORD, *corpus.NOBODYS]
    found = {host: _refused(_url(host, bell.port)) for host in asked}
    assert set(found.values()) == {"", "address", PRIVATE, corpus.NOBODY}
    assert [host for host, code in found.items() if not code] == [OUTSIDE]
    assert set(map(str, internet.called)) == {corpus.PUBLIC}
    assert bell.rings() == 0


def _refused(url: str) -> str:
    try:
        return lines(url)["name"]
    except ConnectorError as error:
        return error.code


def test_whatever_is_typed_as_the_server_leads_nowhere_inside(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    """The form mends what was copied from elsewhere: what it makes of it is checked like anything else."""
    typed = [
        *(one.host for one in corpus.HOSTS),
        *(f"sftp://kleep:word@{one.host}/in" for one in corpus.HOSTS),
        *(*corpus.UNREADABLE, *corpus.WITH_PASSWORD, *corpus.NOBODYS, *corpus.URLS),
    ]
    found: dict[str, str] = {}
    for host in typed:
        data = {"host": host, "port": bell.port, "user": "kleep", "password": "s3cret"}
        form = SftpForm(data)
        if form.is_valid():
            found[host] = lines(form.to_config()["url"])["name"]
        else:
            assert set(form.errors) == {"host"}, host
    assert set(found.values()) == {"", PRIVATE, corpus.NOBODY}
    assert [host for host, code in found.items() if not code] == [OUTSIDE]
    assert set(map(str, internet.called)) == {corpus.PUBLIC}
    # Written in other digits and dots it is the same address, and refused as such.
    assert found["１２７.0.0.1"] == found["127。0。0。1"] == found["ⓛⓞⓒⓐⓛⓗⓞⓢⓣ"] == PRIVATE
    assert bell.rings() == 0


@pytest.mark.parametrize("later", ["127.0.0.1", "::1", "0.0.0.0", "169.254.169.254"])
def test_a_name_that_changes_its_answer_is_refused_where_it_is_called(
    bell: Doorbell, names: NameServer, internet: Internet, later: str
) -> None:
    names.answers["rebinding.example"] = [[corpus.PUBLIC], [later]]
    url = _url("rebinding.example", bell.port)
    assert lines(url) == {"name": "", "port": PRIVATE}
    assert (bell.rings(), internet.called) == (0, [])


def test_of_mixed_answers_the_public_one_alone_is_called(
    bell: Doorbell, names: NameServer, internet: Internet
) -> None:
    names.answers["mixed.example"] = [["127.0.0.1", corpus.PUBLIC, "::1", "10.0.0.1"]]
    assert lines(_url("mixed.example", bell.port)) == {"name": "", "port": "connection_refused"}
    assert [str(one) for one in internet.called] == [corpus.PUBLIC]
    assert bell.rings() == 0
