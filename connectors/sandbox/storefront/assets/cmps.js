// Stand-ins of the consent tools, as small as the parts that a snippet talks to. One is chosen by the page.
"use strict";
(function () {
  const tool = document.currentScript.dataset.tool;
  let agreed = localStorage.getItem(`consent-${tool}`) === "yes";
  const told = [];
  const changed = () => told.forEach((listener) => listener());

  const starts = {
    axeptio() {
      const choices = () => ({ kleep: agreed });
      const sdk = { on: (name, listener) => { told.push(() => listener(choices())); if (agreed) listener(choices()); } };
      const waiting = window._axcb || [];
      window._axcb = { push: (callback) => callback(sdk) };
      waiting.forEach((callback) => callback(sdk));
      return "axeptio_btn_acceptAll";
    },
    didomi() {
      window.Didomi = { getCurrentUserStatus: () => ({ vendors: { "c:kleep": { enabled: agreed } } }) };
      told.push(() => (window.didomiEventListeners || []).filter((one) => one.event === "consent.changed").forEach((one) => one.listener()));
      const waiting = window.didomiOnReady || [];
      window.didomiOnReady = { push: (callback) => callback(window.Didomi) };
      waiting.forEach((callback) => callback(window.Didomi));
      return "didomi-notice-agree-button";
    },
    onetrust() {
      const groups = () => (agreed ? ["C0001", "C0003"] : ["C0001"]);
      const tell = () => {
        window.OnetrustActiveGroups = `,${groups().join(",")},`;
        window.dispatchEvent(new CustomEvent("OneTrustGroupsUpdated", { detail: groups() }));
      };
      told.push(tell);
      tell();
      return "onetrust-accept-btn-handler";
    },
    cookiebot() {
      window.Cookiebot = { consent: { necessary: true, preferences: agreed } };
      told.push(() => { window.Cookiebot.consent.preferences = agreed; window.dispatchEvent(new Event("CookiebotOnAccept")); });
      window.dispatchEvent(new Event("CookiebotOnConsentReady"));
      return "CybotCookiebotDialogBodyLevelButtonLevelOptinAllowAll";
    },
    tarteaucitron() {
      const run = () => { if (agreed) (window.tarteaucitron.job || []).forEach((name) => window.tarteaucitron.services[name]?.js()); };
      window.tarteaucitron = { services: {}, job: [] };
      told.push(run);
      window.addEventListener("load", run);
      return "tarteaucitronPersonalize2";
    },
    usercentrics() {
      window.__ucCmp = { getConsentDetails: async () => ({ services: { a1: { name: "Kleep", consent: { given: agreed } } } }) };
      told.push(() => window.dispatchEvent(new Event("UC_UI_CMP_EVENT")));
      window.dispatchEvent(new Event("UC_UI_INITIALIZED"));
      return "uc-btn-accept-banner";
    },
  };
  const button = starts[tool]();
  if (agreed) return;
  const show = () => {
    const banner = document.createElement("div");
    banner.className = "consent";
    banner.innerHTML = `<p>We use cookies for size advice.</p><button type="button" id="${button}">Accept</button>`;
    banner.querySelector("button").addEventListener("click", () => {
      agreed = true;
      localStorage.setItem(`consent-${tool}`, "yes");
      banner.remove();
      changed();
    });
    document.body.append(banner);
  };
  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);
})();
