"""What a person signs for when they tick a line: the page as far as it is about Kleep, in one hash.

Prices, stock, tokens and nonces change with every visit and are no part of it.
"""

import hashlib
import json
import re
from collections.abc import Mapping

from onboarding.browser.observations import Observed

NONCE = re.compile(r"'nonce-[^']*'")


def of_page(observed: Observed) -> str:
    """Of one page: its snippet, its policy, and the look of the button on each screen."""
    looks = {view.name: view.button.look if view.button else "" for view in observed.views}
    return _hash([observed.snippet, NONCE.sub("'nonce'", observed.policy), looks])


def of_pages(pages: Mapping[str, str]) -> str:
    """Of all the pages of a site, from the fingerprint of each address; blank where there is none."""
    return _hash(dict(pages)) if pages else ""


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
