"""Sealed secrets open with the right key at the right row, and nowhere else."""

import copy
import hashlib
import hmac
import json
import pickle
import threading
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from kleep_portal import crypto

SECRETS = {"token": "t0k3n-of-the-shop", "secret": "é ü 漢 \n second line"}


def test_what_was_sealed_opens_again_for_its_owner() -> None:
    sealed = crypto.seal("owner", SECRETS)
    assert dict(crypto.unseal("owner", sealed)) == SECRETS


def test_a_sealed_value_shows_none_of_its_secrets_and_never_looks_the_same_twice() -> None:
    sealed = crypto.seal("owner", SECRETS)
    assert "t0k3n" not in sealed
    assert sealed != crypto.seal("owner", SECRETS)


def test_nothing_sealed_means_no_secrets() -> None:
    assert dict(crypto.unseal("owner", "")) == {}


def test_another_owners_sealed_value_is_refused() -> None:
    with pytest.raises(crypto.SealError, match="not sealed for"):
        crypto.unseal("other", crypto.seal("owner", SECRETS))


def test_a_wrong_key_raises(settings: Any) -> None:
    sealed = crypto.seal("owner", SECRETS)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(crypto.SealError):
        crypto.unseal("owner", sealed)
    with pytest.raises(crypto.SealError):
        crypto.reseal(sealed)
    assert not crypto.is_under_first_key(sealed)


@pytest.mark.parametrize("value", ["token=abc", "{}", '{"token": "clear text"}', "gAAAA", "é"])
def test_what_was_never_sealed_is_not_taken_for_a_secret(value: str) -> None:
    with pytest.raises(crypto.SealError):
        crypto.unseal("owner", value)


def test_a_changed_byte_is_noticed() -> None:
    sealed = crypto.seal("owner", SECRETS)
    # Not the very last letters: some of their bits are padding.
    for place in (0, 20, len(sealed) // 2, len(sealed) - 6):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(crypto.SealError):
            crypto.unseal("owner", sealed[:place] + other + sealed[place + 1 :])


@pytest.mark.parametrize("payload", [b"[]", b"5", b"{}", b'{"owner": "owner"}', b"no json"])
def test_something_else_under_our_own_key_is_refused(payload: bytes, settings: Any) -> None:
    sealed = Fernet(settings.ENCRYPTION_KEYS[0]).encrypt(payload).decode()
    with pytest.raises(crypto.SealError):
        crypto.unseal("owner", sealed)


def test_a_new_first_key_seals_and_the_older_ones_still_open(settings: Any) -> None:
    old = settings.ENCRYPTION_KEYS[0]
    sealed = crypto.seal("owner", SECRETS)
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    assert dict(crypto.unseal("owner", sealed)) == SECRETS
    assert not crypto.is_under_first_key(sealed)
    renewed = crypto.reseal(sealed)
    settings.ENCRYPTION_KEYS = [new]
    assert crypto.is_under_first_key(renewed)
    assert dict(crypto.unseal("owner", renewed)) == SECRETS
    with pytest.raises(crypto.SealError):
        crypto.unseal("other", renewed)


@pytest.mark.parametrize("keys", [[], [""], ["too short"], ["é" * 44]])
def test_without_a_proper_key_nothing_is_sealed(keys: list[str], settings: Any) -> None:
    settings.ENCRYPTION_KEYS = keys
    with pytest.raises(ImproperlyConfigured):
        crypto.seal("owner", SECRETS)


def test_the_signing_key_of_the_site_opens_nothing(settings: Any) -> None:
    sealed = crypto.seal("owner", SECRETS)
    settings.SECRET_KEY = "x" * 50
    assert dict(crypto.unseal("owner", sealed)) == SECRETS


def test_opened_secrets_show_their_names_only() -> None:
    secrets = crypto.unseal("owner", crypto.seal("owner", SECRETS))
    for shown in (repr(secrets), str(secrets), f"{secrets}", f"{secrets!r:>60}"):
        assert shown.strip() == "Secrets(secret, token)"


def test_opened_secrets_go_into_no_pickle_json_or_copy() -> None:
    secrets = crypto.unseal("owner", crypto.seal("owner", SECRETS))
    for store in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            store(secrets)


def test_threads_open_their_own_secrets() -> None:
    sealed = {
        str(number): crypto.seal(str(number), {"a": f"value {number}"}) for number in range(8)
    }
    wrong: list[str] = []

    def work(owner: str) -> None:
        wrong.extend(
            owner for _ in range(50) if crypto.unseal(owner, sealed[owner])["a"] != f"value {owner}"
        )

    threads = [threading.Thread(target=work, args=(owner,)) for owner in sealed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_pseudonym_is_a_keyed_hash_of_merchant_and_person(settings: Any) -> None:
    settings.PSEUDONYM_KEY = "k" * 40
    expected = hmac.new(b"k" * 40, b"merchant\nveronica@example.com", hashlib.sha256).hexdigest()
    assert crypto.pseudonym("merchant", " Veronica@Example.com\n") == expected
    assert crypto.pseudonym("other", "veronica@example.com") != expected
    settings.PSEUDONYM_KEY = "l" * 40
    assert crypto.pseudonym("merchant", "veronica@example.com") != expected


def test_people_without_an_identifier_are_not_one_person() -> None:
    assert crypto.pseudonym("merchant", "  ") == ""


def test_without_its_key_nobody_gets_a_pseudonym(settings: Any) -> None:
    settings.PSEUDONYM_KEY = ""
    with pytest.raises(ImproperlyConfigured):
        crypto.pseudonym("merchant", "a@example.com")


def test_a_fingerprint_differs_by_value_and_by_owner_and_is_no_pseudonym() -> None:
    assert crypto.fingerprint("a", "value") == crypto.fingerprint("a", "value")
    assert crypto.fingerprint("a", "value") != crypto.fingerprint("a", "Value")
    assert crypto.fingerprint("a", "value") != crypto.fingerprint("b", "value")
    assert crypto.fingerprint("a", "value") != crypto.pseudonym("a", "value")
