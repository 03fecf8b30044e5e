// The storefront's own script: choosing a size, and a consent banner of its own that calls kleepConsent().
"use strict";
(function () {
  document.addEventListener("click", (event) => { // swatches set the hidden field, as a theme does
    const swatch = event.target.closest(".swatch-option");
    if (!swatch) return;
    for (const one of swatch.parentElement.children) one.setAttribute("aria-checked", String(one === swatch));
    const field = document.querySelector("[name=selected_configurable_option]");
    field.value = swatch.dataset.variant;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    window.dispatchEvent(new CustomEvent("configurable-selection-changed", { detail: { productIndex: swatch.dataset.variant } }));
  });

  const asks = document.body.dataset.consent;
  if (!asks) return;
  const tell = (agreed) => { if (typeof window.kleepConsent === "function") window.kleepConsent(agreed); };
  const answer = localStorage.getItem("consent");
  if (answer) {
    tell(answer === "yes");
    return;
  }
  const banner = document.createElement("div");
  banner.className = "consent";
  banner.innerHTML = '<p>We use cookies for size advice.</p><button type="button" id="consent-accept">Accept</button><button type="button" id="consent-refuse">Refuse</button>';
  banner.addEventListener("click", (event) => {
    if (!event.target.id) return;
    const agreed = event.target.id === "consent-accept";
    localStorage.setItem("consent", agreed ? "yes" : "no");
    banner.remove();
    tell(agreed);
  });
  document.body.append(banner);
})();
