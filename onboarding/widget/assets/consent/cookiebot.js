function cookiebotChanged() {
  if (window.Cookiebot && window.Cookiebot.consent && window.Cookiebot.consent[kleep.consent]) { start(); }
}
cookiebotChanged();
window.addEventListener("CookiebotOnConsentReady", cookiebotChanged);
window.addEventListener("CookiebotOnAccept", cookiebotChanged);
