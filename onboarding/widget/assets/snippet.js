(function (kleep) {
  "use strict";
  if (window.kleepSnippet) { return; } // pasted twice: one button is enough
  window.kleepSnippet = kleep.version;
  var place = document.querySelector("[data-kleep-snippet]");
  var started = false;

  function given(name) {
    return place.getAttribute("data-kleep-" + name) || "";
  }

  function store() { // the shop's language version that this page is in
    var spoken = (document.documentElement.lang || "").slice(0, 2).toLowerCase();
    return kleep.stores[spoken] || { language: kleep.language, country: kleep.country };
  }

  function variant() {
    var field = kleep.variantField && document.querySelector(kleep.variantField);
    return (field && field.value) || given("variant");
  }

  function load() {
    var known = {
      product: given("product"), variant: variant(), category: given("category") || kleep.values.category,
      language: store().language, country: store().country, container: place
    };
    var values = {};
    Object.keys(kleep.names).forEach(function (name) {
      values[kleep.names[name]] = name in known ? known[name] : kleep.values[name];
    });
    window.kleep.load(values);
  }

  function show() {
    var target = kleep.selector && document.querySelector(kleep.selector);
    if (target) { target.insertAdjacentElement(kleep.where, place); }
    var script = document.createElement("script");
    script.src = kleep.script;
    script.async = true;
    script.onload = load;
    document.head.appendChild(script);
    document.addEventListener("change", function (event) {
      var chosen = kleep.variantField && event.target.matches && event.target.matches(kleep.variantField);
      if (chosen && window.kleep) { load(); }
    });
  }

  function start() { // after the shopper's consent, and only then
    if (started) { return; }
    started = true;
    if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", show); } else { show(); }
  }

  /*CONSENT*/
})(/*SETTINGS*/);
