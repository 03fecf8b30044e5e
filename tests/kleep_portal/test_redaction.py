"""Secrets are blanked out in every spelling, whole where they overlap, also where they were cut off."""

import base64
import html
import json
import threading
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from kleep_portal import redaction
from kleep_portal.redaction import MARK, Redactor

SECRET = 'p4ß/w+rd "quoted" & <tagged>'


def test_a_secret_is_replaced_wherever_it_stands() -> None:
    redactor = Redactor("s3cr3t-value")
    assert redactor.scrub("s3cr3t-value") == MARK
    assert redactor.scrub("a s3cr3t-value, s3cr3t-value.") == f"a {MARK}, {MARK}."
    assert redactor.scrub("nothing here") == "nothing here"
    assert redactor.scrub("") == ""


@pytest.mark.parametrize(
    "spell",
    [
        str,
        repr,
        ascii,
        json.dumps,
        lambda value: json.dumps(value, ensure_ascii=False),
        lambda value: quote(value),
        lambda value: quote(value, safe=""),
        lambda value: quote(value, safe="").replace("%2B", "%2b").replace("%2F", "%2f").lower(),
        quote_plus,
        lambda value: quote(quote(value, safe=""), safe=""),
        html.escape,
        lambda value: html.escape(repr(value)),
        lambda value: base64.b64encode(value.encode()).decode(),
        lambda value: base64.b64encode(f"u:{value}".encode()).decode(),
        lambda value: base64.b64encode(f"us:{value}".encode()).decode(),
        lambda value: base64.b64encode(f"use:{value}:x".encode()).decode(),
        lambda value: base64.urlsafe_b64encode(f"name:{value}".encode()).decode(),
    ],
    ids=lambda _spell: None,
)
def test_no_usual_spelling_of_a_secret_gets_through(spell: Callable[[str], str]) -> None:
    spelled = spell(SECRET)
    scrubbed = Redactor(SECRET).scrub(f"before {spelled} after")
    assert MARK in scrubbed
    for start in range(len(spelled) - 7):
        assert spelled[start : start + 8] not in scrubbed
    assert scrubbed.startswith("before ")
    assert scrubbed.endswith(" after")


def test_one_secret_inside_another_is_not_left_in_pieces() -> None:
    redactor = Redactor("abcdef", "xxabcdefyy", "cdefyyzz1234")
    assert redactor.scrub("-xxabcdefyy-") == f"-{MARK}-"
    assert redactor.scrub("-xxabcdefyyzz1234-") == f"-{MARK}-"
    assert redactor.scrub("-abcdef-") == f"-{MARK}-"


def test_secrets_side_by_side_are_both_blanked_out() -> None:
    assert Redactor("first-one", "second-one").scrub("first-onesecond-one") == MARK + MARK


def test_of_a_secret_with_several_lines_each_line_is_one() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"
    redactor = Redactor(key)
    assert redactor.scrub(key) == f"-----BEGIN KEY-----\n{MARK}\n{MARK}\n-----END KEY-----\n"
    assert redactor.scrub(repr(key)) == repr(
        f"-----BEGIN KEY-----\n{MARK}\n{MARK}\n-----END KEY-----\n"
    )
    assert redactor.scrub("line kqhkiG9w0BAQEF of it") == f"line {MARK} of it"
    assert redactor.scrub("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


def test_a_secret_that_was_cut_off_is_blanked_out_as_far_as_it_goes() -> None:
    redactor = Redactor("0123456789abcdefghijklmnop")
    assert redactor.scrub("ends with 0123456789abc") == f"ends with {MARK}"
    assert redactor.scrub("0123456789abcdef… and more") == f"{MARK}… and more"
    assert redactor.scrub("01234567 is too little to tell") == "01234567 is too little to tell"


def test_values_too_short_to_tell_are_left_alone() -> None:
    redactor = Redactor("", "a", "admin")
    assert len(redactor) == 0
    assert redactor.scrub("an admin page") == "an admin page"


def test_the_remembered_values_stay_bounded_and_the_oldest_unused_one_goes() -> None:
    redactor = Redactor(capacity=100)
    for number in range(1_000):
        redactor.remember("used-all-the-time", f"secret-number-{number:05}")
    assert len(redactor) == 100
    assert redactor.scrub("used-all-the-time") == MARK
    assert redactor.scrub("secret-number-00999") == MARK
    assert redactor.scrub("number-00001") == "number-00001"
    assert sum(map(len, redactor._index.values())) < 100 * 20


def test_forgetting_a_value_keeps_another_that_is_spelled_the_same() -> None:
    redactor = Redactor("a%20secret", "a secret", capacity=2)
    redactor.remember("a secret", "another one")
    assert redactor.scrub("a%20secret") == MARK


def test_threads_remember_and_scrub_at_the_same_time() -> None:
    redactor = Redactor("always-there", capacity=50)
    wrong: list[str] = []

    def work(thread: int) -> None:
        for number in range(300):
            mine = f"value-{thread}-{number:04}"
            redactor.remember("always-there", mine)
            shown = redactor.scrub(f"always-there {mine}")
            if "always-there" in shown:
                wrong.append(shown)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(redactor) == 50


def test_credentials_of_http_headers_go_without_having_been_remembered() -> None:
    header = 'OAuth oauth_nonce="9218", oauth_token="tok%2F1", oauth_signature="aB%2Bc%3D"'
    assert redaction.scrub(header) == (
        f'OAuth oauth_nonce="{MARK}", oauth_token="{MARK}", oauth_signature="{MARK}"'
    )
    params = "[('oauth_consumer_key', 'abc123'), ('oauth_version', '1.0')]"
    assert (
        redaction.scrub(params) == f"[('oauth_consumer_key', '{MARK}'), ('oauth_version', '1.0')]"
    )
    base = "GET&http%3A%2F%2Fx&oauth_consumer_key%3Dabc123%26oauth_version%3D1.0"
    assert redaction.scrub(base) == (
        f"GET&http%3A%2F%2Fx&oauth_consumer_key%3D{MARK}%26oauth_version%3D1.0"
    )
    assert redaction.scrub("Authorization: Basic dXNlcjpwYXNzd29yZA==") == (
        f"Authorization: Basic {MARK}"
    )
    assert redaction.scrub("authorization: bearer abcdefgh12345") == f"authorization: bearer {MARK}"
    assert (
        redaction.scrub("a basic text and a bearer of news") == "a basic text and a bearer of news"
    )


def test_the_installations_own_keys_are_known_from_the_start() -> None:
    from django.conf import settings

    for key in (settings.SECRET_KEY, settings.PSEUDONYM_KEY, *settings.ENCRYPTION_KEYS):
        assert redaction.scrub(f"key={key}") == f"key={MARK}"
