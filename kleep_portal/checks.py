"""Django system checks: settings that must not reach production."""
