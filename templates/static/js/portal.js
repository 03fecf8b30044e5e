// Small comforts. Every page works without this file.
"use strict";

document.documentElement.classList.add("js");

// --- copy a text ---
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
  } catch {
    // No clipboard on plain http: the person presses Ctrl-C.
    if (source.select) source.select();
    else window.getSelection().selectAllChildren(source);
    return;
  }
  button.querySelector("span").textContent = button.dataset.done;
});

// --- the menu closes when one clicks elsewhere or presses Escape ---
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// --- a link of the summary of errors leads into its field, a group's into its first one ---
document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
  (field ?? target).focus();
});

// --- a toast is closed ---
document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.parentElement.remove());

// --- a file is dropped anywhere in its box ---
for (const [name, isOver] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => {
    const box = event.target.closest?.("[data-drop]");
    if (!box) return;
    event.preventDefault();
    box.classList.toggle("is-over", isOver);
    if (name !== "drop") return;
    const input = box.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// --- the box says which file was chosen, in the page's language ---
document.addEventListener("change", (event) => {
  const said = event.target.closest("[data-drop]")?.querySelector("[data-chosen]");
  if (said) said.textContent = [...event.target.files].map((file) => file.name).join(", ") || said.dataset.chosen;
});

// --- a form is sent once, also by two clicks; a download leaves the page as it is and may be had again ---
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.timeStamp - (sent.get(event.target) ?? -Infinity) < 2000) event.preventDefault();
  else sent.set(event.target, event.timeStamp);
});

// --- and says that it is being sent ---
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-busy]");
  if (!button) return;
  // Disabled a moment later: a disabled button would leave its value out of what is sent.
  setTimeout(() => {
    button.disabled = true;
    button.querySelector("span").textContent = button.dataset.busy;
  });
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload(); // back from the history: no half-sent buttons
});

// --- credentials: one paste is sorted into the fields; the server sorts by the same names ---
const plain = (name) => name.toLowerCase().replace(/[^a-z]/g, "");

function pairs(text) {
  try {
    const given = JSON.parse(text);
    return Object.entries(given.config ?? given).filter(([, value]) => typeof value === "string");
  } catch {
    // not JSON: "Name: value" on one line, or the name on one line and its value on the next
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^(?:[•*–—-]|\d+[.)])\s+/, "")).filter(Boolean);
  return lines.flatMap((line, index) => {
    const named = line.match(/^["']?([A-Za-z_ ]+?)["']?\s*[:=\t]\s*["']?(.+?)["']?,?$/);
    return named ? [[named[1], named[2]]] : [[line, lines[index + 1] ?? ""]];
  });
}

// Fills the fields and gives them back; only where every secret was found: the server reads more spellings.
function sortPaste(form, text) {
  const inputs = new Map();
  for (const input of form.querySelectorAll("input[name], select[name], textarea[name]:not([name=paste])")) {
    inputs.set(plain(input.name), input);
  }
  inputs.set("storeurl", inputs.get("url"));
  const found = new Map();
  for (const [name, value] of pairs(text)) {
    const input = inputs.get(plain(name));
    if (input && value) found.set(input, value.trim());
  }
  if (![...form.querySelectorAll("input[type=password]")].every((input) => found.has(input))) return [];
  const url = inputs.get("url");
  const addresses = text.match(/https?:\/\/[^\s"',;<>]+/gi);
  if (url && addresses && !found.has(url)) {
    found.set(url, url.matches("textarea") ? [...new Set(addresses)].join("\n") : addresses[0]);
  }
  for (const [input, value] of found) input.value = value;
  return [...found.keys()];
}

for (const form of document.querySelectorAll("form[data-fill]")) {
  const box = form.querySelector("[name=paste]");
  const hint = document.getElementById("hint-paste");
  const sort = () => {
    const found = sortPaste(form, box.value);
    if (!found.length) return;
    const labels = found.map((input) => input.labels[0].firstChild.textContent.trim());
    hint.textContent = `${hint.dataset.found} ${labels.join(", ")}.`;
    box.value = ""; // a secret stands in one place only
    found[0].dispatchEvent(new Event("change", { bubbles: true }));
  };
  box?.addEventListener("paste", () => setTimeout(sort));
  if (box?.value) sort(); // pasted before this file had come

  // What is typed or pasted may be looked at until it is saved; what is saved never comes back.
  for (const input of form.querySelectorAll("input[type=password]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet btn-sm";
    button.textContent = form.dataset.show;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-controls", input.id);
    button.setAttribute("aria-label", `${form.dataset.show}: ${input.labels[0].firstChild.textContent.trim()}`);
    button.addEventListener("click", () => {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
    });
    const box = document.createElement("div");
    box.className = "secret";
    input.replaceWith(box);
    box.append(input, button);
  }
}
