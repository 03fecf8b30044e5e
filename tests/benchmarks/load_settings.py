"""The portal's settings with the addresses of load_urls.py."""

from kleep_portal.settings import *  # noqa: F403  # all of them, as they are

ROOT_URLCONF = "tests.benchmarks.load_urls"
