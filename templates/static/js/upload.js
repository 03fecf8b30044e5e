// Sends a file in parts, each answered with how much has come. A cut costs one part: the same file goes on
// where it stopped, also after the page was closed. Without this file the form sends it in one piece.
"use strict";

const PATIENCE = [500, 1000, 2000, 4000, 8000, 15000]; // milliseconds before each further try

// Not form.dataset: that is the form's field of this name.
const told = (form, name) => form.getAttribute(`data-${name}`);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function ask(url, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status >= 500) throw new TypeError("the server failed"); // tried again, like a cut
  return answer.json();
}

async function send(form, file, shared, show) {
  const about = { name: file.name, size: file.size, modified: file.lastModified };
  let given = null;
  for (let tries = 0; ; ) {
    try {
      given ??= await ask(told(form, "upload"), { ...shared, ...about });
      if (given.error) return given;
      const part = file.slice(given.offset, given.offset + given.part);
      const said = await ask(given.url, { ...shared, offset: given.offset, part });
      if (said.done || said.error) return said;
      given.offset = said.offset ?? 0;
      show(Math.floor((100 * given.offset) / file.size));
      tries = 0;
    } catch (error) {
      if (!(error instanceof TypeError) || tries >= PATIENCE.length) throw error;
      form.querySelector("[data-said]").textContent = told(form, "again");
      await pause(PATIENCE[tries++]);
      given = null; // how much has come is asked anew
    }
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", async (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) return; // the server says what is missing
    event.preventDefault();
    const shared = { check_only: event.submitter?.value ?? "1" };
    for (const input of form.querySelectorAll("[name=csrfmiddlewaretoken], [name=dataset]")) {
      shared[input.name] = input.value;
    }
    const [box, said] = [form.querySelector(".upload-progress"), form.querySelector("[data-said]")];
    const show = (percent) => {
      box.querySelector("progress").value = percent;
      box.querySelector("[data-percent]").textContent = `${percent} %`;
      said.textContent = "";
    };
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    box.hidden = false;
    show(0);
    try {
      const end = await send(form, file, shared, show);
      if (end.done) {
        window.location.assign(end.done);
        return;
      }
      said.textContent = end.error;
    } catch {
      said.textContent = told(form, "failed");
    }
    box.hidden = true;
    for (const button of buttons) button.disabled = false;
  });
}
