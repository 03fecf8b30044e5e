"""What merchants and Kleep's staff do."""

from django.apps import AppConfig


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = "Onboarding"

    def ready(self) -> None:
        from connectors import rotation
        from onboarding import accounts, checks  # noqa: F401 (importing registers them)

        rotation.also(accounts.SecondFactors())
