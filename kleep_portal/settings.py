"""Settings of the portal: one file, every value from the environment.

With nothing set, the embedded defaults run it on this machine alone: SQLite, a broker on a unix
socket, keys made on first use in the data folder. Production sets SECRET_KEY (which turns DEBUG off),
ENCRYPTION_KEYS, PSEUDONYM_KEY, DATABASE_URL, CELERY_BROKER_URL and CACHE_URL.
"""

import os
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from kleep_portal import embedded, logs

django_stubs_ext.monkeypatch()  # Django's own classes take [Model] in the types, not yet at run time

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(env.str("PORTAL_ENV", default=str(BASE_DIR / ".env")))

VAR = embedded.data_folder(Path(env.str("PORTAL_VAR", default=str(BASE_DIR / "var"))).resolve())
EMBEDDED = not env.str("SECRET_KEY", default="")
_keys = embedded.keys(VAR) if EMBEDDED else {}

SECRET_KEY = env.str("SECRET_KEY", default="") or _keys["SECRET_KEY"]
# First key seals, all of them open. Never derived from SECRET_KEY.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[]) or [
    key for key in _keys.get("ENCRYPTION_KEYS", "").split(",") if key
]
PSEUDONYM_KEY = env.str("PSEUDONYM_KEY", default="") or _keys.get("PSEUDONYM_KEY", "")
DEBUG = env.bool("DEBUG", default=EMBEDDED)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEBUG else []
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Opens loopback, and plain http to it, for the demo shops and the tests. Nothing else private, ever.
ALLOW_PRIVATE_ADDRESSES = env.bool("ALLOW_PRIVATE_ADDRESSES", default=DEBUG)
# A file of certificate authorities to trust instead of the usual ones.
OUTBOUND_CA_FILE = env.str("OUTBOUND_CA_FILE", default="")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "kleep_portal.apps.PortalConfig",
    "connectors",
    "onboarding",
]
MIDDLEWARE = [
    "kleep_portal.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kleep_portal.caching.PrivatePagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "onboarding.second_factor.SecondFactorMiddleware",
]
ROOT_URLCONF = "kleep_portal.urls"
WSGI_APPLICATION = "kleep_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # A platform's guide lies in its own folder.
        "DIRS": [BASE_DIR / "templates", *sorted((BASE_DIR / "connectors").glob("*/templates"))],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "onboarding.context.companies",
            ],
        },
    },
]

# --- database, broker, cache ---
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'portal.sqlite3'}")}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER_SOCKET = embedded.socket_path(VAR)
CELERY_BROKER_URL = env.str(
    "CELERY_BROKER_URL", default=f"redis+socket://{BROKER_SOCKET}?virtual_host=0"
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("CACHE_URL", default=f"unix://{BROKER_SOCKET}?db=1"),
    }
}
# True where the launcher must start a broker: no URL names one.
EMBEDDED_BROKER = not env.str("CELERY_BROKER_URL", default="")
# The demo's first shop listens here, the others on the next ports.
SANDBOX_PORT = env.int("SANDBOX_PORT", default=8043)

# --- the widget on the shop's pages: Kleep's own addresses and the arguments of its kleep.load() ---
# Kleep publishes the drawer's host and the name of the call; the rest is our assumption: docs/widget.md.
WIDGET_SCRIPT_URL = env.str("WIDGET_SCRIPT_URL", default="https://cdn.kleep.ai/kleep.js")
WIDGET_DRAWER_URL = env.str("WIDGET_DRAWER_URL", default="https://drawer.kleep.ai")
WIDGET_API_URL = env.str("WIDGET_API_URL", default="https://api.kleep.ai")
WIDGET_BUTTON_ID = env.str("WIDGET_BUTTON_ID", default="kleep-size-button")
# What we know of a product page -> the name under which kleep.load() takes it.
WIDGET_LOAD_ARGUMENTS = env.json(
    "WIDGET_LOAD_ARGUMENTS",
    default={
        "retailer": "domain",
        "product": "product_id",
        "variant": "variantId",
        "language": "lang",
        "country": "countryCode",
        "category": "category",
        "container": "container",
        "color": "buttonColor",
        "font": "fontFamily",
        "environment": "environment",
    },
)

# --- tasks ---
PULL_SLICE_SECONDS = env.int(
    "PULL_SLICE_SECONDS", default=60
)  # then the task queues its continuation
# While shops wait that nobody is at.
PULL_SHARED_SLICE_SECONDS = env.float("PULL_SHARED_SLICE_SECONDS", default=2.0)
PULL_LEASE_SECONDS = env.int("PULL_LEASE_SECONDS", default=120)  # renewed with every page
# A run ends a little in the past and the next one begins before that: records that the shop commits late,
# or stamps with a clock that lags (Magento refuses us from ten minutes on), are read the second time.
PULL_MARGIN_SECONDS = env.int("PULL_MARGIN_SECONDS", default=5)
PULL_OVERLAP_SECONDS = env.int("PULL_OVERLAP_SECONDS", default=900)
PULL_INTERVAL_SECONDS = env.int("PULL_INTERVAL_SECONDS", default=3600)
PULL_WHOLE_INTERVAL_SECONDS = env.int("PULL_WHOLE_INTERVAL_SECONDS", default=86_400)  # no cursor
# What vanishes or changes without a newer date is read whole once a night: see schedule.py.
PULL_RECONCILE_SECONDS = env.int("PULL_RECONCILE_SECONDS", default=12 * 3600)
PULL_FAILED_INTERVAL_SECONDS = env.int("PULL_FAILED_INTERVAL_SECONDS", default=86_400)
# A shop that fails is tried again after 30 s, 60 s, 120 s ... an hour at most; ten times.
PULL_RETRY_SECONDS = env.float("PULL_RETRY_SECONDS", default=30.0)
PULL_RETRY_MAX_SECONDS = env.float("PULL_RETRY_MAX_SECONDS", default=3600.0)
PULL_ATTEMPTS = env.int("PULL_ATTEMPTS", default=10)
# What is still queued after so long was lost with the broker, and is queued again; a task may run twice.
PULL_QUEUE_AGAIN_SECONDS = env.int("PULL_QUEUE_AGAIN_SECONDS", default=600)
PROOF_INTERVAL_SECONDS = env.int("PROOF_INTERVAL_SECONDS", default=86_400)  # daily sign of life
PULL_READERS = env.int("PULL_READERS", default=2)  # of one shop at once: its visitors come first
CHECK_SECONDS = env.float("CHECK_SECONDS", default=120.0)
CHECK_PROBES_AT_ONCE = env.int("CHECK_PROBES_AT_ONCE", default=4)

# --- the machine's look at product pages, in a real browser: onboarding/browser ---
BROWSER_PROGRAM = env.str("BROWSER_PROGRAM", default="")  # blank: a Chromium on PATH
# Chromium's own sandbox does not work for root. In production the worker is no root and keeps it.
BROWSER_SANDBOX = env.bool("BROWSER_SANDBOX", default=os.geteuid() != 0)
BROWSER_SECONDS = env.float("BROWSER_SECONDS", default=120.0)  # one page, on both screens
BROWSER_PATIENCE_SECONDS = env.float(
    "BROWSER_PATIENCE_SECONDS", default=8.0
)  # for the button, the drawer
BROWSER_MEMORY_MB = env.int("BROWSER_MEMORY_MB", default=2048)
BROWSER_TRAFFIC_MB = env.int("BROWSER_TRAFFIC_MB", default=80)
BROWSER_REQUESTS = env.int("BROWSER_REQUESTS", default=3000)
BROWSER_EVIDENCE_DAYS = env.int("BROWSER_EVIDENCE_DAYS", default=90)
# These tasks have a queue and a worker of their own: looks at pages do not hold pulls up.
BROWSER_TASKS = ("look_at_page", "print_certificate", "browser_sign")
BROWSER_QUEUE = "browser"
CELERY_TASK_ROUTES = {
    f"onboarding.tasks.{name}": {"queue": BROWSER_QUEUE} for name in BROWSER_TASKS
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = env.int("CELERY_TASK_TIME_LIMIT", default=540)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may run, or Redis hands out a second copy.
    "visibility_timeout": env.int("BROKER_VISIBILITY_TIMEOUT", default=600),
    "unacked_restore_interval": 10,
    # Without it kombu looks for lost tasks only every 100 seconds.
    "unacked_restore_throttle": 1,
    # Who died while looking keeps the others from it for so long; the default is five minutes.
    "unacked_mutex_expire": 10,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
if not EMBEDDED_BROKER:
    # Several machines may start a beat: the one that holds the lock in Redis is at it, the others wait.
    CELERY_BEAT_SCHEDULER = "kleep_portal.beat:LockedScheduler"
    CELERY_BEAT_MAX_LOOP_INTERVAL = 2  # seconds; it renews the lock as often
# After so many seconds another beat takes over from a dead one.
BEAT_LOCK_SECONDS = env.int("BEAT_LOCK_SECONDS", default=30)
CELERY_BEAT_SCHEDULE = {
    "queue-due": {
        "task": "connectors.tasks.queue_due",
        "schedule": env.float("QUEUE_DUE_SECONDS", default=60.0),
    },
    "forget-files": {"task": "connectors.tasks.forget_files", "schedule": 86_400.0},
    "queue-pickups": {"task": "onboarding.file_tasks.queue_pickups", "schedule": 60.0},
    "look-for-due-widgets": {"task": "onboarding.tasks.look_for_due_widgets", "schedule": 300.0},
    "send-due-mails": {"task": "onboarding.tasks.send_due_mails", "schedule": 60.0},
    "forget-what-is-old": {"task": "onboarding.tasks.forget_what_is_old", "schedule": 86_400.0},
    "tell-of-connections": {"task": "onboarding.tasks.tell_of_connections", "schedule": 300.0},
    "refresh-standings": {"task": "onboarding.tasks.refresh_standings", "schedule": 30.0},
    "queue-erasures": {"task": "onboarding.tasks.queue_erasures", "schedule": 60.0},
    "seal-events": {"task": "onboarding.tasks.seal_events", "schedule": 300.0},
    "queue-page-runs": {"task": "onboarding.tasks.queue_page_runs", "schedule": 60.0},
    "browser-sign": {"task": "onboarding.tasks.browser_sign", "schedule": 120.0},
    "look-at-live-pages": {"task": "onboarding.tasks.look_at_live_pages", "schedule": 900.0},
    "delete-old-evidence": {"task": "onboarding.tasks.delete_old_evidence", "schedule": 86_400.0},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- files by SFTP: see docs/sftp.md ---
# Kleep's own server, as merchants reach it; blank: there is none, files come by upload or from their servers.
SFTP_HOST = env.str("SFTP_HOST", default="")
SFTP_PORT = env.int("SFTP_PORT", default=22)
SFTP_HOST_KEY = env.str("SFTP_HOST_KEY", default="")  # its one line: ssh-ed25519 AAAA...
# How the portal itself reads there: every merchant's folder, with a key that lies in a file.
SFTP_USER = env.str("SFTP_USER", default="kleep-pickup")
SFTP_KEY_FILE = env.str("SFTP_KEY_FILE", default="")
SFTP_STABLE_SECONDS = env.int("SFTP_STABLE_SECONDS", default=60)  # between two looks at a file
SFTP_MAX_FILES = env.int("SFTP_MAX_FILES", default=5_000)  # in one folder
SFTP_MAX_BYTES_A_DAY = env.int("SFTP_MAX_BYTES_A_DAY", default=10 << 30)  # of one shop

# --- how long what is kept: see onboarding/retention.py; 0 keeps it for ever ---
KEEP_ORDERS_MONTHS = env.int("KEEP_ORDERS_MONTHS", default=36)  # orders and returns, by their date
KEEP_HISTORY_DAYS = env.int("KEEP_HISTORY_DAYS", default=400)  # checks and runs of pulls
# Of the runs those that found nothing new: ten thousand shops make two million a day.
KEEP_IDLE_RUNS_DAYS = env.int("KEEP_IDLE_RUNS_DAYS", default=14)
KEEP_MAILS_DAYS = env.int("KEEP_MAILS_DAYS", default=180)  # e-mails that were sent, old links

# --- people ---
AUTH_USER_MODEL = "onboarding.User"
AUTHENTICATION_BACKENDS = [
    # What staff may do in the administration: asked first, it costs no query. It lets nobody in.
    "onboarding.staff_permissions.StaffRoleBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "onboarding.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "change_password": "onboarding.account_forms.ChangeForm",
    "login": "onboarding.account_forms.LogInForm",
    "request_login_code": "onboarding.account_forms.CodeForm",
    "reset_password": "onboarding.account_forms.ForgottenForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Not by a code: whoever reads somebody's e-mails must not take a second factor away with it.
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
# Whoever changes a password or a second factor is told by e-mail, and so is whoever did not.
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "onboarding.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Kleep"
MFA_TOTP_TOLERANCE = 1  # telephones' clocks are half a minute early or late
# Accounts come by invitation to the address: it needs no other proof before a second factor is added.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers allow passkeys on http for localhost alone; elsewhere the origin must be https.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
# Beside allauth's own limits: links out of e-mails that are opened from one address.
ACCOUNT_RATE_LIMITS = {"open_link": "30/m/ip"}
# The address of a visitor is the proxy's to tell, where there is one.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

# --- language, static files, mail ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
STORAGES = {
    # What merchants send and what we prove with: private, never served by URL, only through views.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Of a file that a merchant sends: as it comes, and unpacked.
FILE_MAX_BYTES = env.int("FILE_MAX_BYTES", default=1 << 30)
FILE_MAX_UNPACKED_BYTES = env.int("FILE_MAX_UNPACKED_BYTES", default=1 << 30)
# Checked in one go, perhaps twice: far within CELERY_TASK_TIME_LIMIT at 150,000 rows a second.
FILE_MAX_ROWS = env.int("FILE_MAX_ROWS", default=5_000_000)
FILE_KEEP_DAYS = env.int("FILE_KEEP_DAYS", default=30)  # its content and report, once it is over
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Kleep <onboarding@localhost>")
# Where the portal is, for the links in e-mails, which no request tells.
PORTAL_URL = env.str("PORTAL_URL", default="" if not DEBUG else "http://127.0.0.1:8000").rstrip("/")

# --- logs, error reports and figures: without secrets, in DEBUG too ---
LOGGING = logs.configuration(pretty=DEBUG, level=env.str("LOG_LEVEL", default="INFO"))
DEFAULT_EXCEPTION_REPORTER = "kleep_portal.errorpage.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "kleep_portal.errorpage.ReportFilter"

API_RATE = env.str("API_RATE", default="120/min")  # questions of one client
SENTRY_DSN = env.str("SENTRY_DSN", default="")  # blank: nothing is sent anywhere
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # whoever has it may read /metrics
# The processes of this machine write their figures here; prometheus_client looks for its own variable.
METRICS_FOLDER = VAR / "metrics"
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_FOLDER)  # not one that a parent process left

# --- browser side security ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
# Load balancers ask these over plain http.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
