"""The languages that Kleep's widget speaks: its codes, each with the language's own name."""

LANGUAGES = (
    ("fr", "Français"),
    ("en", "English"),
    ("de", "Deutsch"),
    ("it", "Italiano"),
    ("es", "Español"),
    ("pt", "Português"),
    ("br", "Português (Brasil)"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("sv", "Svenska"),
    ("da", "Dansk"),
    ("fi", "Suomi"),
    ("ja", "日本語"),
    ("ko", "한국어"),
)
