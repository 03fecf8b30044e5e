"""The simulated storefront as a process: prints where it is as one JSON line, serves until it is ended."""

import json
import threading

import django


def main() -> None:
    django.setup()
    from tests.storefront import storefront  # needs the settings

    with storefront() as site:
        kleep = site.kleep
        addresses = {
            "WIDGET_SCRIPT_URL": kleep.script_url,
            "WIDGET_DRAWER_URL": kleep.drawer_url,
            "WIDGET_API_URL": kleep.api_url,
        }
        print(json.dumps({"page": site.page("good"), "env": addresses}), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
