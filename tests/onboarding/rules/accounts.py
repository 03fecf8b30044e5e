"""allauth's pages: log-in, password, second factor."""

from tests.onboarding.rules.rule import (
    ABSENT,
    FORBIDDEN,
    LOGIN,
    MOVED,
    OK,
    ROLES,
    Rule,
    everybody,
    members,
)


def outside(ok: object = OK) -> Rule:
    """For whoever is not logged in; who is, is sent to their shops."""
    answers = members(ok=MOVED).answers
    return Rule("get", {who: ok if it == LOGIN else it for who, it in answers.items()})


def unlike_staff(ok: object, *, staff: object) -> Rule:
    """Kleep's staff have a second factor; of these merchants' people none has one."""
    return Rule("get", {**members(ok=ok).answers, **dict.fromkeys(ROLES, staff)})


RULES: dict[str, Rule] = {
    "account_login": outside(),
    "account_signup": outside(),  # says that it is closed
    "account_request_login_code": outside(),
    "account_confirm_login_code": outside(LOGIN),
    "mfa_login_webauthn": outside(LOGIN),  # as a page; a script asks for what it needs
    "mfa_authenticate": outside(LOGIN),
    "account_logout": Rule(
        "get", {w: MOVED if it == LOGIN else it for w, it in members().answers.items()}
    ),
    "account_inactive": everybody(),
    "account_reset_password": everybody(),
    "account_reset_password_done": everybody(),
    "account_reset_password_from_key": everybody(more={"uidb36": "1", "key": "x"}),
    "account_reset_password_from_key_done": everybody(),
    "account_reauthenticate": members(),
    # Switched off: an e-mail is not enough to change a second factor.
    "account_request_reauthentication_code": members(ok=FORBIDDEN),
    "account_confirm_reauthentication_code": members(ok=FORBIDDEN),
    "account_change_password": members(),
    "account_set_password": members(ok=MOVED),
    # The address is what was invited: these pages of allauth are closed.
    "accounts/email/": everybody(ok=ABSENT),
    "accounts/confirm-email/": everybody(ok=ABSENT),
    "accounts/confirm-email/<str:key>/": everybody(ok=ABSENT),
    "account_email": everybody(ok=ABSENT),
    "account_email_verification_sent": everybody(ok=ABSENT),
    "account_confirm_email": everybody(ok=ABSENT, more={"key": "x"}),
    "mfa_index": members(),
    "mfa_reauthenticate": unlike_staff(MOVED, staff=OK),
    "mfa_activate_totp": members(ok=MOVED),  # first the password again
    "mfa_generate_recovery_codes": members(ok=MOVED),
    "mfa_list_webauthn": members(),
    "mfa_add_webauthn": members(ok=MOVED),
    "mfa_reauthenticate_webauthn": members(ok=MOVED),
    "usersessions_list": members(),
    # None of this person's yet.
    "mfa_edit_webauthn": members(ok=MOVED, more={"pk": 1}),  # first the password again
    "mfa_remove_webauthn": members(ok=MOVED, more={"pk": 1}),
    "mfa_deactivate_totp": unlike_staff(ABSENT, staff=MOVED),
    "mfa_view_recovery_codes": members(ok=ABSENT),
    "mfa_download_recovery_codes": members(ok=ABSENT),
}
