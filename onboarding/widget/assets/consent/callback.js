// Your consent tool calls kleepConsent(true) once the shopper has agreed, on every page.
if (window.kleepConsent === true) { start(); }
window.kleepConsent = function (agreed) { if (agreed) { start(); } };
