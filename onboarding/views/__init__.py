"""The merchants' pages: thin views over phases, services and forms."""
