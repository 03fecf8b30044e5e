"""The button on a shop's product pages: what the shop pastes or installs, and what is found on its pages."""
