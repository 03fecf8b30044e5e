"""Takes the files that merchants send: checked whole before a row of them is stored.

    receive()   keeps the file, each one once                         receiving.py
    begin()     has it taken from now on, with the answers to what was asked; for tasks.take_file
    take()      the same, here and now                                 taking.py, storing_files.py

The rest of the life of a file is its state: see ReceivedFile. What is stored goes into the same tables as
what is pulled, with the same rule: the newest version wins.
"""

from connectors.answering import begin
from connectors.receiving import files_connection, receive
from connectors.taking import Outcome, outcome, take, take_slice

__all__ = ["Outcome", "begin", "files_connection", "outcome", "receive", "take", "take_slice"]
