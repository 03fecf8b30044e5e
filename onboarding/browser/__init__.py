"""The machine's look at a product page, in a real browser.

`running` starts a process of its own (`child`), which drives Chromium (`driver`, `recorder`, `consent`)
behind a proxy that opens every connection through the network door (`proxy`). What it saw (`observations`)
becomes lines of the checklist by rules (`verdicts`), which `sentences` says in the reader's language.
"""
