"use strict";
// Keeps a page up to date without reloading it, and sends the forms marked data-stay the same way. Everything works
// without this script, too. The server answers ?live=1 with the parts that change (data-region), or 304.

const ROUND = 1000; // milliseconds between two questions
let tag = "";
let timer = 0;
let asking = null;

// Makes the old element like the new one, touching only what differs: focus, selection and open details stay.
function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return old;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    const copy = document.importNode(fresh, true);
    old.replaceWith(copy);
    return copy;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return old;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morphChildren(old, fresh);
  return old;
}

function morphChildren(old, fresh) {
  const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
  for (const child of [...old.children]) {
    if (child.id && !wanted.has(child.id)) child.remove();
  }
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const known = child.id ? [...old.children].find((one) => one.id === child.id) : null;
    if (known) {
      if (known !== at) old.insertBefore(known, at);
      at = morph(known, child).nextSibling;
    } else if (at && !at.id && !child.id) {
      at = morph(at, child).nextSibling;
    } else {
      const copy = document.importNode(child, true);
      if (copy.classList) copy.classList.toggle("fresh", copy.classList.contains("message"));
      old.insertBefore(copy, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// Where somebody is writing stays where it is on the screen, whatever arrives above it.
function show(page) {
  const focused = document.activeElement?.matches("input, select, textarea") ? document.activeElement : null;
  const top = focused ? focused.getBoundingClientRect().top : 0;
  const seen = focused && top > 0 && top < innerHeight;
  for (const fresh of page.querySelectorAll("[data-region]")) {
    const old = document.getElementById(fresh.id);
    if (old) morph(old, fresh);
  }
  if (seen && focused.isConnected) scrollBy({ top: focused.getBoundingClientRect().top - top, behavior: "instant" });
}

function say(id, text) {
  const place = document.getElementById(id);
  if (place && place.textContent !== text) place.textContent = text;
}

async function parsed(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// What a page says went wrong: beside its form, or as all there is on it.
function trouble(page) {
  const text = page.getElementById("problem")?.textContent.trim();
  return text || page.querySelector("main h1 + p")?.textContent || "?";
}

async function ask() {
  clearTimeout(timer);
  if (asking) asking.abort();
  const mine = (asking = new AbortController());
  let live = true;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(document.body.dataset.live, { headers, signal: mine.signal, cache: "no-store" });
    say("offline", "");
    if (answer.ok) {
      show(await parsed(answer));
      tag = answer.headers.get("ETag") || "";
    } else if (answer.status === 404 || answer.status === 403) {
      live = false; // the case was deleted: nothing more will come
      say("problem", trouble(await parsed(answer)));
    }
  } catch (problem) {
    if (problem.name === "AbortError") return;
    say("offline", document.getElementById("offline").dataset.text);
  }
  if (live) timer = setTimeout(ask, ROUND);
}

// A form that leaves the page as it is: what is typed in the others stays.
async function send(form, button) {
  const data = new FormData(form);
  if (button && button.name) data.set(button.name, button.value);
  form.dataset.busy = "yes"; // a disabled button would lose the focus
  say("said", "");
  say("problem", "");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, cache: "no-store" });
    const page = await parsed(answer);
    if (answer.ok) {
      if (form.querySelector("textarea")) form.reset();
      show(page);
      tag = "";
      say("said", page.getElementById("said")?.textContent || "");
    } else {
      say("problem", trouble(page));
      document.getElementById("problem").scrollIntoView({ block: "nearest" });
    }
  } catch (problem) {
    say("problem", document.getElementById("offline").dataset.text);
  } finally {
    delete form.dataset.busy;
  }
  ask();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-stay]")) return;
  event.preventDefault();
  if (!form.dataset.busy) send(form, event.submitter || form.querySelector("button"));
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form");
  if (form && event.target.matches("textarea") && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button"));
  }
});

if (document.querySelector("[data-region]")) ask();
