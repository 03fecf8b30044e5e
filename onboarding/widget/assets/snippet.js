(function (kleep) {
  "use strict";
  if (window.kleepSnippet) { return; } // pasted twice: one button is enough
  window.kleepSnippet = kleep.version;
  var place = document.querySelector("[data-kleep-snippet]");
  var started = false;
  var last = "";

  function given(name) {
    return place.getAttribute("data-kleep-" + name) || "";
  }

  function store() { // the shop's language version that this page is in
    var spoken = (document.documentElement.lang || "").slice(0, 2).toLowerCase();
    return kleep.stores[spoken] || { language: kleep.language, country: kleep.country };
  }

  function variant() {
    /*VARIANT*/
  }

  function again() { // another size was chosen
    if (window.kleep && variant() !== last) { load(); }
  }

  function load() {
    last = variant();
    var known = {
      product: given("product"), variant: last, category: given("category") || kleep.values.category,
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
    document.addEventListener("change", function () { again(); });
    document.addEventListener("click", function (event) { // a theme may set the size without a change event
      if (event.target.closest && event.target.closest("#" + kleep.button)) { again(); }
    }, true);
  }

  function start() { // after the shopper's consent, and only then
    if (started) { return; }
    started = true;
    if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", show); } else { show(); }
  }

  /*CONSENT*/
})(/*SETTINGS*/);
