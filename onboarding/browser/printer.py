"""Prints a document of ours as PDF: HTML on stdin, the file into a folder. It asks the network nothing.

Started by running.py, which also ends it.
"""

import sys
from pathlib import Path

import msgspec
from playwright.sync_api import sync_playwright

from onboarding.browser.observations import PrintJob

PRINTED = "printed.pdf"
NOWHERE = "http://127.0.0.1:9"  # the port of "discard": nobody answers


def main(folder: Path) -> None:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=PrintJob)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=job.program,
            chromium_sandbox=job.sandboxed,
            proxy={"server": NOWHERE},
            args=["--proxy-bypass-list=<-loopback>"],
        )
        page = browser.new_context(java_script_enabled=False, offline=True).new_page()
        page.set_content(job.html, wait_until="load")
        draft = folder / f"{PRINTED}.draft"
        page.pdf(path=draft, format="A4", print_background=True, tagged=True, outline=False)
        draft.replace(folder / PRINTED)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
