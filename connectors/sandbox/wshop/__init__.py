"""A simulated WSHOP: users with profiles, tokens that expire, and switches for failures."""
