function addService() {
  var tool = window.tarteaucitron;
  if (!tool || !tool.services) { return; }
  tool.services[kleep.consent] = {
    key: kleep.consent, type: "other", name: "Kleep", uri: "https://kleep.ai", needConsent: true,
    cookies: ["kleep_uid", "kleep_user_uuid"], js: start, fallback: function () {}
  };
  (tool.job = tool.job || []).push(kleep.consent);
}
if (window.tarteaucitron) { addService(); } else { window.addEventListener("DOMContentLoaded", addService); }
