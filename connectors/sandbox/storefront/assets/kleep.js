// A stand-in of Kleep's script, for the sandbox alone: ours, small, and only as much as the pages need.
// What of it is known of the real one, and what is assumed, is written in docs/widget.md.
"use strict";
(function () {
  const source = new URL(document.currentScript.src);
  const manner = source.searchParams.get("manner") || "";
  const api = new URL("/api", source).href;
  const drawer = new URL("/drawer", source).href;
  const shown = new Map(); // container -> what is shown in it

  function query(values) {
    const names = ["domain", "product_id", "variantId", "lang", "countryCode", "category"];
    const given = new URLSearchParams(names.map((name) => [name, values[name] || ""]));
    if (manner) given.set("manner", manner);
    return given.toString();
  }

  function open(state) {
    if (manner === "no-drawer" || document.querySelector("iframe[title='Kleep.ai']")) return;
    const frame = document.createElement("iframe");
    frame.title = "Kleep.ai";
    frame.src = `${drawer}?${query(state.values)}`;
    frame.style.cssText = "position:fixed;top:0;right:0;width:min(26rem,100%);height:100%;border:0;z-index:2147483000;box-shadow:0 0 40px #0005;background:#fff";
    document.body.append(frame);
    window.addEventListener("message", (event) => {
      if (event.origin === source.origin && event.data === "kleep:close") frame.remove();
    });
  }

  function draw(state) {
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    const button = document.createElement("button");
    const dark = (state.values.buttonColor || "Black") !== "White";
    button.id = "kleep-size-button";
    button.type = "button";
    button.textContent = "Find my size";
    button.style.cssText = `font-family:${state.values.fontFamily || "inherit"};font-weight:600;font-size:15px;line-height:1.2;padding:12px 18px;margin:8px 0;border:1px solid #1c1b1a;border-radius:6px;cursor:pointer;color:${dark ? "#fff" : "#1c1b1a"};background:${dark ? "#1c1b1a" : "#fff"}`;
    button.addEventListener("click", () => open(state));
    group.append(button);
    state.place.append(group);
    return button;
  }

  async function ask(state) {
    const answer = await fetch(`${api}/recommendation?${query(state.values)}`);
    if (!answer.ok) throw new Error(`Kleep (stand-in): the API answered ${answer.status}`);
    const advice = await answer.json();
    if (!advice.supported) state.button.hidden = true;
    else if (advice.size) state.button.textContent = `Your size: ${advice.size}`;
  }

  function load(values) {
    const place = typeof values.container === "string" ? document.querySelector(values.container) : values.container;
    if (!place) {
      console.error("Kleep (stand-in): the container is not on this page");
      return;
    }
    if (shown.has(place)) {
      shown.get(place).values = values; // another variant was chosen
      return;
    }
    const state = { place, values };
    shown.set(place, state);
    localStorage.setItem("kleep_uid", localStorage.getItem("kleep_uid") || crypto.randomUUID?.() || String(Date.now()));
    state.button = draw(state);
    ask(state).catch((error) => console.error(String(error)));
    fetch(`${api}/events`, { method: "POST", body: JSON.stringify({ event: "product_viewed", domain: values.domain }), keepalive: true })
      .catch(() => {});
  }

  window.kleep = { load };
})();
