"""Which tests one process runs one after the other, and which of them come first.

A file at a time, as with xdist's `--dist loadfile`, so that what its tests share is made once; but files that
look at the whole portal share two portals, and files of many looks in a browser, which mostly wait and share
nothing, are dealt out in parts.
"""

from pathlib import PurePosixPath
from zlib import crc32

from xdist.scheduler import LoadFileScheduling

# Each of these sets of files has a portal, and takes about as long as the other. On a second database only
# the second set has tests.
PORTALS = {
    "portal 1": {
        "test_accessibility",
        "test_configuration",
        "test_files",
        "test_people",
        "test_widget",
    },
    "portal 2": {
        "test_console",
        "test_first_phase",
        "test_journey",
        "test_keyboard",
        "test_mission",
        "test_notifications",
    },
}
PARTS = {"test_validation": 4, "test_hostile_pages": 2}
# What takes longest comes first: begun last, it would keep a single core busy at the end.
FIRST = ("portal 1", "portal 2", "tests/chaos/", "tests/kleep_portal/test_launcher")
THEN = ("tests/end_to_end/", "tests/connectors/sftp/", "tests/kleep_portal/test_beat")
LONGEST = (*FIRST, *THEN)


class Scheduling(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """The name of what is run as one. It begins with the file's path, unless files are joined in it."""
    path = nodeid.partition("::")[0]
    file = PurePosixPath(path)
    if file.parent.name == "end_to_end":
        for name, files in PORTALS.items():
            if file.stem in files:
                return name
        if parts := PARTS.get(file.stem):
            return f"{path}, part {crc32(nodeid.encode()) % parts}"
    return path


def rank(nodeid: str) -> int:
    """Its place in the order: the same for all tests of a unit."""
    name = unit(nodeid)
    found = (at for at, beginning in enumerate(LONGEST) if name.startswith(beginning))
    return next(found, len(LONGEST))
