"""Everything that can happen to a shop: one function per state change, each writes one Event.

Views, commands and tasks call these and change nothing themselves. What is queued is queued after the
commit; where the broker does not answer, kombu's OperationalError leaves the function although
everything is stored: the beat entry `queue_due` finds it later.
"""

from onboarding.services.configuration import Answers, plan_configuration, save_configuration
from onboarding.services.connecting import (
    NotConnectedError,
    begin_at,
    check_again,
    compare_secret,
    note_export,
    note_pull,
    release_pull,
    save_credentials,
    share_connection,
    start_check,
    start_pull,
)
from onboarding.services.deciding import RefusedError
from onboarding.services.golive import (
    approve,
    note_page_change,
    print_certificate,
    send_back,
    undo_go_live,
    verify_production,
)
from onboarding.services.hand_offs import (
    hand_off,
    open_hand_off,
    renew_hand_off,
    revoke_hand_off,
)
from onboarding.services.looking import due_looks, run_look, start_look
from onboarding.services.people import (
    AlreadyMemberError,
    InvitationOverError,
    LastOwnerError,
    change_role,
    give_membership,
    invite,
    invite_merchant,
    is_last_owner,
    join,
    register,
    remove_member,
    renew_invitation,
    revoke_invitation,
)
from onboarding.services.recording import record
from onboarding.services.shops import (
    ConnectedAlreadyError,
    choose_platform,
    create_merchant,
    create_shop,
)
from onboarding.services.signing import (
    confirm,
    signs_for_merchant,
    start_page_runs,
    tick,
    untick,
)
from onboarding.services.widget import (
    remove_storefront_access,
    save_storefront_access,
    save_widget_settings,
    set_product_pages,
    storefront_credentials,
)

__all__ = [
    "AlreadyMemberError",
    "Answers",
    "ConnectedAlreadyError",
    "InvitationOverError",
    "LastOwnerError",
    "NotConnectedError",
    "RefusedError",
    "approve",
    "begin_at",
    "change_role",
    "check_again",
    "choose_platform",
    "compare_secret",
    "confirm",
    "create_merchant",
    "create_shop",
    "due_looks",
    "give_membership",
    "hand_off",
    "invite",
    "invite_merchant",
    "is_last_owner",
    "join",
    "note_export",
    "note_page_change",
    "note_pull",
    "open_hand_off",
    "plan_configuration",
    "print_certificate",
    "record",
    "register",
    "release_pull",
    "remove_member",
    "remove_storefront_access",
    "renew_hand_off",
    "renew_invitation",
    "revoke_hand_off",
    "revoke_invitation",
    "run_look",
    "save_configuration",
    "save_credentials",
    "save_storefront_access",
    "save_widget_settings",
    "send_back",
    "set_product_pages",
    "share_connection",
    "signs_for_merchant",
    "start_check",
    "start_look",
    "start_page_runs",
    "start_pull",
    "storefront_credentials",
    "tick",
    "undo_go_live",
    "untick",
    "verify_production",
]
