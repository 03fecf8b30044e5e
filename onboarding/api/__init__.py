"""The portal's answers to Kleep's own systems: read-only, by token, described by its own OpenAPI document."""
