"""Checks files of rows against the declared datasets. Knows no database, no merchant and no network."""
