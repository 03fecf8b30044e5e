"""The pages of Kleep's staff: thin views over the same services."""
