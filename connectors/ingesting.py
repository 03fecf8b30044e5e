"""Takes the files that merchants send: checked whole before a row of them is stored.

    receive()   keeps the file, each one once                         receiving.py
    take()      checks it, asks what it does not say, stores it        taking.py, storing_files.py
    answer()    what was asked, kept for the next file of that dataset

The rest of the life of a file is its state: see ReceivedFile. What is stored goes into the same tables as
what is pulled, with the same rule: the newest version wins.
"""

from connectors.receiving import files_connection, receive
from connectors.taking import Outcome, answer, take, take_slice

__all__ = ["Outcome", "answer", "files_connection", "receive", "take", "take_slice"]
