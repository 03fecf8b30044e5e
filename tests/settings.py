"""Settings of the tests: the real ones, in a data folder made for this run alone.

Nothing of the developer's own portal is touched: not its data folder, not its broker, not its .env.
Every process that runs tests makes its own folder. DATABASE_URL, where set, is followed: that is how
the suite runs on PostgreSQL. TESTS_REDIS_URL (without a database number) names a Redis to use; without
it each run starts its own broker on a unix socket.
"""

import atexit
import os
import re
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="kleep-tests-")
_owner = os.getpid()
_number = int("0" + re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")))


@atexit.register
def _remove_folder() -> None:
    if os.getpid() == _owner:  # not in a process forked from it
        shutil.rmtree(_folder, ignore_errors=True)


os.environ["PORTAL_VAR"] = _folder
os.environ["PORTAL_ENV"] = os.devnull
os.environ["DEBUG"] = "True"  # Django's test runner turns it off; what follows from it stays
for _name in ("SECRET_KEY", "ENCRYPTION_KEYS", "PSEUDONYM_KEY", "CELERY_BROKER_URL", "CACHE_URL"):
    os.environ.pop(_name, None)
if _redis := os.environ.get("TESTS_REDIS_URL"):
    os.environ["CELERY_BROKER_URL"] = f"{_redis}/{_number * 2}"
    os.environ["CACHE_URL"] = f"{_redis}/{_number * 2 + 1}"

from kleep_portal.settings import *  # noqa: E402, F403 (the environment above comes first)
from kleep_portal.settings import DATABASES, STATIC_ROOT, VAR  # noqa: E402

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, as in production: threads and processes meet as they do there.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns where it is missing
# Argon2 is slow on purpose; logging in is not what these tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
