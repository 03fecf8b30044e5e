"""A simulated Magento 2: signatures, permissions, searchCriteria and data as a real one answers them.

docs/sandbox.md says what differs from a real one, and a test that replays recorded answers holds it to that.
"""
