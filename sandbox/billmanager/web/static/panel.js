// What the pages do beyond links and forms. Everything works without it but tabs in place, hiding, and news by itself.
"use strict";

const live = () => document.getElementById("live");

function say(text) {
  live().textContent = "";
  requestAnimationFrame(() => { live().textContent = text; });
}

// Nothing is replaced under a finger or a mouse button that is down: the click would be lost.
let released = Promise.resolve();
document.addEventListener("pointerdown", () => {
  released = new Promise((done) => {
    const up = () => setTimeout(done);
    addEventListener("pointerup", up, { once: true });
    addEventListener("pointercancel", up, { once: true });
  });
});

// Forms: tabs, hiding, dependent drop-downs, asking the panel again.

function valueOf(form, name) {
  const found = [...form.elements].filter((one) => one.name === name || one.name === name + "[]");
  const radios = found.filter((one) => one.type === "radio");
  if (radios.length) return (radios.find((one) => one.checked) || { value: "" }).value;
  const box = found.find((one) => one.type === "checkbox" && one.name === name);
  if (box) return box.checked ? "on" : "off";
  return found.length ? found[found.length - 1].value : "";
}

function hide(form) {
  const rules = JSON.parse(form.dataset.rules || "[]");
  const hidden = new Set();
  for (const rule of rules) {
    const value = valueOf(form, rule.name);
    const hit = rule.unless ? !rule.unless.includes(value) : value === rule.value || (rule.value === "off" && !value);
    if (hit) hidden.add(rule.hide);
  }
  const named = new Set(rules.map((rule) => rule.hide));
  for (const row of form.querySelectorAll("[data-field]")) {
    const names = row.dataset.names.trim().split(/\s+/);
    if (named.has(row.dataset.field) || names.some((name) => named.has(name))) {
      row.hidden = hidden.has(row.dataset.field) || names.every((name) => hidden.has(name));
    }
  }
}

function depend(form) {
  for (const select of form.querySelectorAll("select[data-depend]")) {
    select.every = select.every || [...select.options];
    const wanted = valueOf(form, select.dataset.depend);
    const chosen = select.value;
    select.replaceChildren(...select.every.filter((one) => !one.dataset.depend || one.dataset.depend === wanted));
    if ([...select.options].some((one) => one.value === chosen)) select.value = chosen;
  }
}

function tabs(form, open) {
  const box = form.querySelector("[data-pages]");
  if (!box || box.querySelector("[role=tablist]")) return;
  const pages = [...box.querySelectorAll(":scope > [data-page]")];
  const list = document.createElement("div");
  list.className = "tablist";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.pages);
  const heads = pages.map((page) => {
    const title = page.querySelector("h2");
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = "tab-" + page.dataset.page;
    tab.textContent = title.textContent;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", page.id);
    title.remove();
    page.setAttribute("role", "tabpanel");
    page.setAttribute("aria-labelledby", tab.id);
    return tab;
  });
  const select = (number, focus) => {
    heads.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === number));
      tab.tabIndex = at === number ? 0 : -1;
      pages[at].hidden = at !== number;
    });
    if (focus) heads[number].focus();
  };
  heads.forEach((tab, at) => {
    tab.addEventListener("click", () => select(at));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: heads.length - 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      select((step + heads.length) % heads.length, true);
    });
  });
  list.append(...heads);
  box.prepend(list);
  flag(form);
  const wrong = pages.findIndex((page) => page.querySelector("[aria-invalid]"));
  const asked = pages.findIndex((page) => page.dataset.page === open);
  select(Math.max(0, wrong >= 0 ? wrong : asked));
  box.show = (element) => {
    const at = pages.findIndex((page) => page.contains(element));
    if (at >= 0) select(at);
  };
}

function openTab(form) {
  const tab = form.querySelector("[role=tab][aria-selected=true]");
  return tab ? tab.id.replace(/^tab-/, "") : "";
}

// The answer's form in place of this one. What was typed into fields that are never sent back stays, as do files.
function replaceForm(form, html, focusOn) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const next = fresh.querySelector("[data-form]");
  if (!next) {  // another page, such as one that says only what went wrong
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    document.querySelector("[data-focus]")?.focus();
    return null;
  }
  const active = document.activeElement;
  const kept = active && form.contains(active) ? { id: active.id, name: active.name, value: active.value } : null;
  const range = kept && active.selectionStart !== null && active.selectionStart !== undefined
    ? [active.selectionStart, active.selectionEnd] : null;
  for (const old of form.querySelectorAll("[data-private], input[type=file]")) {
    const twin = old.id && next.querySelector("#" + CSS.escape(old.id));
    if (!twin) continue;
    if (old.type === "file") twin.replaceWith(old); else twin.value = old.value;
  }
  const open = openTab(form);
  form.replaceWith(next);
  document.querySelector("h1").textContent = fresh.querySelector("h1").textContent;
  prepare(next, open);
  const alert = next.querySelector("[data-focus]");
  if (focusOn === "problem" && alert) { alert.focus(); alert.scrollIntoView({ block: "nearest" }); return next; }
  if (focusOn === "problem") {  // it was not taken as it is: what there is to say stands at its top
    document.querySelector("main").focus({ preventScroll: true });
    document.querySelector("h1").scrollIntoView();
    say(next.querySelector(".htmldata")?.textContent || "");
    return next;
  }
  if (!kept) return next;
  const again = (kept.id && document.getElementById(kept.id))
    || [...next.elements].find((one) => one.name === kept.name && one.value === kept.value && one.tabIndex >= 0);
  if (!again) return next;
  again.focus({ preventScroll: true });
  if (range && again.setSelectionRange && ["text", "password", "textarea"].includes(again.type)) {
    again.setSelectionRange(...range);
  }
  return next;
}

// `ask` is {field} or {button}. While one question is out, the next one waits: the last one asked is kept.
async function send(form, ask) {
  if (form.asking) {
    if (form.asking.field) form.next = ask;
    return;
  }
  form.asking = ask;
  form.setAttribute("aria-busy", "true");
  const data = new FormData(form);
  if (ask.field) data.set("sv_field", ask.field);
  else if (ask.button) data.set(ask.button.name, ask.button.value);
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Panel": "script" } });
  } catch {
    form.removeAttribute("aria-busy");
    form.asking = null;
    say(document.querySelector("[data-lost]")?.dataset.lost || "⚠");
    return;
  }
  const where = answer.headers.get("X-Panel-Location");
  const opened = answer.headers.get("X-Panel-Open");
  if (opened) window.open(opened, "_blank", "noopener");
  if (opened) { form.removeAttribute("aria-busy"); form.asking = null; return; }
  if (where) { if (!(await renewed(form, where))) location.assign(where); return; }
  const html = await answer.text();
  await released;
  if (ask.button && answer.status === 422 && flawed(form, html)) return;
  const meanwhile = ask.field ? changed(form, data) : [];
  const next = form.next;
  const now = replaceForm(form, html, ask.field ? "field" : "problem");
  if (!now) return;
  for (const [id, name, value] of meanwhile) {
    const one = now.querySelector("#" + CSS.escape(id));
    if (one && one.name === name) { if (one.type === "checkbox") one.checked = value; else one.value = value; }
  }
  hide(now);
  depend(now);
  if (next && next.field) send(now, next);
  else if (next && next.button) {
    const twin = [...now.elements].find((one) => one.name === next.button.name && one.value === next.button.value);
    if (twin) now.requestSubmit(twin);
  }
}

// A message sent in a conversation: the form is emptied in its place, and the conversation takes the message in.
async function renewed(form, where) {
  const box = document.querySelector("[data-kind=talk]");
  const here = new URL(location.href), there = new URL(where, location.href);
  if (!box || here.pathname !== there.pathname || here.searchParams.get("elid") !== there.searchParams.get("elid")) return false;
  const answer = await fetch(where);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-form]");
  if (!answer.ok || !next) return false;
  form.replaceWith(next);
  prepare(next);
  next.querySelector("textarea:not([hidden] *)")?.focus({ preventScroll: true });
  await box.look();
  return true;
}

// Something is wrong with what was sent: the form stays as it is, files and passwords too, and the errors come in.
function flawed(form, html) {
  const alert = new DOMParser().parseFromString(html, "text/html").querySelector("[data-form] [role=alert]");
  if (!alert) return false;
  form.asking = form.next = null;
  form.removeAttribute("aria-busy");
  form.querySelector("[role=alert]")?.remove();
  form.querySelectorAll(".problem").forEach((one) => one.remove());
  form.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
  form.querySelectorAll(".wrong").forEach((one) => one.classList.remove("wrong"));
  const marked = [];
  for (const line of alert.querySelectorAll("[data-object]")) {
    const name = line.dataset.object;
    const row = [...form.querySelectorAll("[data-field]")].find((one) =>
      one.dataset.field === name || one.dataset.names.trim().split(/\s+/).includes(name));
    if (!row) continue;
    const control = row.querySelector(`[id="field-${CSS.escape(name)}"]`) || row.querySelector("[id^=field-]");
    const text = document.createElement("p");
    text.className = "problem";
    text.id = `error-${row.dataset.field}`;
    text.textContent = line.textContent;
    row.classList.add("wrong");
    const hint = row.querySelector(".hint");
    if (hint) hint.before(text); else row.querySelector(".control").append(text);
    for (const one of row.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      one.setAttribute("aria-invalid", "true");
      const known = (one.getAttribute("aria-describedby") || "").split(/\s+/).filter((id) => id && id !== text.id);
      one.setAttribute("aria-describedby", [text.id, ...known].join(" "));
    }
    if (control) {
      const link = document.createElement("a");
      link.href = "#" + control.id;
      link.textContent = line.textContent;
      line.replaceChildren(link);
      marked.push(row);
    }
  }
  form.prepend(alert);
  flag(form);
  if (marked.length) form.querySelector("[data-pages]")?.show?.(marked[0]);
  alert.focus();
  alert.scrollIntoView({ block: "nearest" });
  return true;
}

// Tabs with something wrong in them are marked.
function flag(form) {
  for (const tab of form.querySelectorAll("[role=tab]")) {
    const page = document.getElementById(tab.getAttribute("aria-controls"));
    tab.classList.toggle("flaw", Boolean(page.querySelector("[aria-invalid=true]")));
  }
}

// What was changed while the panel was asked: it is not overwritten by the answer.
function changed(form, data) {
  const found = [];
  for (const one of form.elements) {
    if (!one.id || !one.name || ["file", "radio", "hidden", "submit", "button"].includes(one.type)) continue;
    const sent = String(data.getAll(one.name).pop() ?? "").replace(/\r\n/g, "\n");
    const now = one.type === "checkbox" ? (one.checked ? "on" : "off") : one.value;
    if (sent !== now) found.push([one.id, one.name, one.type === "checkbox" ? one.checked : now]);
  }
  return found;
}

function prepare(form, open) {
  hide(form);
  depend(form);
  tabs(form, open);
  form.addEventListener("change", (event) => {
    hide(form);
    depend(form);
    const asks = event.target.closest("[data-setvalues]");
    if (!asks) return;
    send(form, { field: asks.name.replace(/\[\]$/, "") });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button && button.name === "sv_field") send(form, { field: button.value });
    else send(form, { button: button || form.querySelector("button[name=clicked_button]") });
  });
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-focus] a[href^='#']");
    if (!link) return;
    event.preventDefault();
    const field = document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    form.querySelector("[data-pages]")?.show?.(field);
    (field.matches("input, select, textarea") ? field : field.querySelector("input") || field).focus();
  });
}

// Lists: what is selected decides which buttons can be used.

function selected() {
  return [...document.querySelectorAll("input[name='elid[]']:checked")];
}

function buttons() {
  const bar = document.getElementById("toolbar");
  if (!bar) return;
  const rows = selected();
  const without = new Set(rows.flatMap((one) => JSON.parse(one.dataset.without)));
  for (const button of bar.querySelectorAll("[data-needs]")) {
    const enough = button.dataset.needs === "one" ? rows.length === 1 : rows.length > 0;
    button.disabled = !enough || without.has(button.dataset.button);
  }
  const told = bar.querySelector("[data-selected]");
  told.textContent = rows.length ? `${told.dataset.selected}: ${rows.length}` : "";
  const all = document.querySelector("[data-select-all]");
  if (all) {
    const every = document.querySelectorAll("input[name='elid[]']").length;
    all.checked = rows.length > 0 && rows.length === every;
    all.indeterminate = rows.length > 0 && rows.length < every;
  }
}

function lists() {
  const bar = document.getElementById("toolbar");
  if (!bar) return;
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const one of document.querySelectorAll("input[name='elid[]']")) one.checked = event.target.checked;
    }
    if (event.target.matches("[data-select-all], input[name='elid[]']")) buttons();
  });
  bar.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button.dataset.open) {
      event.preventDefault();
      location.assign(`${button.dataset.open}&elid=${encodeURIComponent(selected()[0].value)}`);
    } else if (button.dataset.confirm && !bar.dataset.confirmed) {
      event.preventDefault();
      ask(button, bar);
    }
  });
  buttons();
}

function ask(button, bar) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-text").textContent = button.dataset.confirm;
  const names = "all" in button.dataset ? [] : selected().map((one) => one.dataset.row);
  document.getElementById("confirm-rows").replaceChildren(...names.map((name) => {
    const line = document.createElement("li");
    line.textContent = name;
    return line;
  }));
  dialog.returnValue = "";
  dialog.onclick = (event) => { if (event.target.value) dialog.close(event.target.value); };
  dialog.onclose = () => {
    if (dialog.returnValue !== "yes") { button.focus(); return; }
    const sure = document.createElement("input");
    Object.assign(sure, { type: "hidden", name: "_confirmed", value: "1" });
    bar.append(sure);
    bar.dataset.confirmed = "1";
    bar.requestSubmit(button);
  };
  dialog.showModal();
}

// News: the same part of the page is looked at again, and only what changed is replaced.

function merge(box, html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = new DOMParser().parseFromString(html, "text/html").body.innerHTML;
  const news = [];
  let before = null;
  const old = new Map([...box.children].map((one) => [one.dataset.key, one]));
  for (const next of [...fresh.children]) {
    const known = old.get(next.dataset.key);
    old.delete(next.dataset.key);
    let here = known;
    if (!known) {
      here = next;
      if (next.classList.contains("entry")) { next.classList.add("fresh"); news.push(next); }
    } else if (known.dataset.mark !== next.dataset.mark && !known.contains(document.activeElement)) {
      known.replaceWith(next);
      here = next;
    }
    if (before ? before.nextElementSibling !== here : box.firstElementChild !== here) {
      if (before) before.after(here); else box.prepend(here);
    }
    before = here;
  }
  for (const gone of old.values()) gone.remove();
  return news;
}

function redraw(box, html) {
  const chosen = new Set(selected().map((one) => one.value));
  const active = document.activeElement;
  const key = box.contains(active) ? active.closest("tr[data-key]")?.dataset.key : null;
  const kind = key !== null && active.matches("input") ? "input" : "a";
  box.innerHTML = new DOMParser().parseFromString(html, "text/html").body.innerHTML;
  for (const one of box.querySelectorAll("input[name='elid[]']")) one.checked = chosen.has(one.value);
  if (key) box.querySelector(`tr[data-key="${CSS.escape(key)}"] ${kind}`)?.focus();
  buttons();
}

function poll(box) {
  let tag = null;
  let lost = null;
  let timer = 0;
  let looking = null;
  const look = async () => {
    clearTimeout(timer);
    try {
      const answer = await fetch(box.dataset.poll, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      lost?.remove();
      lost = null;
      if (answer.status === 404) { if (box.dataset.kind === "list") return; }
      if (answer.status === 200) {
        const html = await answer.text();
        tag = answer.headers.get("ETag");
        await released;
        if (box.dataset.kind === "list") {
          if (html !== box.shown) redraw(box, html);
          box.shown = html;
        } else {
          const news = merge(box, html);
          if (news.length) say(news.map((one) => `${box.dataset.news}: ${one.getAttribute("aria-label")}`).join(". "));
        }
      }
    } catch {
      if (!lost) {
        lost = document.createElement("p");
        lost.className = "notice error lost";
        lost.setAttribute("role", "status");
        lost.textContent = box.dataset.lost;
        document.body.append(lost);
      }
    }
    if (box.isConnected) timer = setTimeout(again, Number(box.dataset.every));
  };
  const again = () => { looking = look(); };
  // Now, and after a look that is under way, which may have begun too early to see what is expected.
  box.look = async () => { await looking; looking = look(); await looking; };
  timer = setTimeout(again, Number(box.dataset.every));
}

// Rating without leaving the page; the entry is drawn anew, and the keyboard goes on where it was.
function ratings() {
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches(".rating")) return;
    event.preventDefault();
    const key = event.target.closest("[data-key]").dataset.key;
    const answer = await fetch(event.target.action, {
      method: "POST", body: new URLSearchParams(new FormData(event.target, event.submitter)), headers: { "X-Panel": "script" },
    });
    if (!answer.ok) return;
    document.activeElement.blur();
    await document.querySelector("[data-kind=talk]").look();
    document.querySelector(`[data-key="${CSS.escape(key)}"] button`)?.focus({ preventScroll: true });
  });
}

function foldMenu() {
  const button = document.querySelector(".menu-toggle");
  const menu = document.getElementById("menu");
  if (!button || !menu) return;
  const fold = (folded) => {
    menu.classList.toggle("folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
  };
  button.hidden = false;
  button.addEventListener("click", () => fold(!menu.classList.contains("folded")));
  fold(true);
}

function start() {
  foldMenu();
  const form = document.querySelector("[data-form]");
  if (form) prepare(form);
  lists();
  ratings();
  document.querySelectorAll("[data-poll]").forEach(poll);
  document.querySelector("[data-focus]")?.focus();
  if (new URLSearchParams(location.search).has("_done")) {
    const address = new URL(location.href);
    address.searchParams.delete("_done");
    history.replaceState(null, "", address);
  }
}

start();
