// Clicks anywhere on the page become events that Python hears: one listener, no handler per button.
// `element`, `trigger` are given by the component this is loaded with.
const root = document.body;
const send = (name, data) => trigger(name, data);

// What is done with a product is told to the shop, with the recommendation that showed it; it may come too late to matter.
const tell = (kind, button) => {
  const product_id = button.closest("[data-product]")?.dataset.product;
  const session_id = document.querySelector(".sw-head")?.dataset.session;
  if (!product_id || !session_id) return;
  const { recommendation } = button.closest("[data-recommendation]")?.dataset ?? {};
  const event_id = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const value = recommendation ? { recommendation_id: recommendation } : {};
  const body = new Blob([JSON.stringify({ event_id, kind, product_id, session_id, value })], { type: "application/json" });
  if (!navigator.sendBeacon?.("/api/events", body)) {
    fetch("/api/events", { method: "POST", body, keepalive: true }).catch(() => {});
  }
};

// What was looked at is deleted before the page goes on under another name; if that fails, the old one stays.
const forget = async () => {
  const session_id = document.querySelector(".sw-head")?.dataset.session ?? "";
  try {
    const answer = await fetch(`/api/profile?${new URLSearchParams({ session_id })}`, { method: "DELETE" });
    if (answer.ok) send("select", { action: "forget" });
  } catch { /* it can be pressed again */ }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button || button.disabled) return;
  const { do: action, variant = "", quantity = "0", text = "", language = "", question, option, by } = button.dataset;
  if (action === "cart") {
    root.classList.toggle("sw-cart-open");
  } else if (action === "theme") {
    const dark = root.classList.toggle("dark");
    localStorage.setItem("shopwise.theme", dark ? "dark" : "light");
  } else if (action === "add") {
    const choice = button.closest(".sw-card").querySelector(".sw-variant");
    send("click", { action, variant: choice ? choice.value : variant, quantity: 1 });
    tell("add_to_cart", button);
  } else if (action === "quantity") {
    send("click", { action, variant, quantity: Number(quantity) });
  } else if (action === "language" || action === "new") {
    send("select", { action, language });
  } else if (action === "ask") {
    tell("click", button);
    send("submit", { text });
  } else if (action === "answer" || action === "upsell") {
    send("select", { action, question, option });
  } else if (action === "forget") {
    forget();
  } else if (action === "scroll") {
    const row = button.closest(".sw-rail").querySelector(".sw-row");
    row.scrollBy({ left: Number(by) * row.clientWidth * 0.8 });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") root.classList.remove("sw-cart-open");
});

// Type-ahead: a list over the box, worked with the arrow keys; what is chosen is asked.
const list = Object.assign(document.createElement("ul"), { id: "sw-suggestions", hidden: true });
list.setAttribute("role", "listbox");
let active = -1, latest = 0, waiting;
const box = () => document.querySelector("#sw-write textarea");

const close = () => {
  clearTimeout(waiting);
  latest += 1; // an answer on its way comes too late
  active = -1;
  list.hidden = true;
  box()?.setAttribute("aria-expanded", "false");
  box()?.removeAttribute("aria-activedescendant");
};

const choose = (text) => {
  close();
  send("submit", { text });
};

const point = (place) => {
  active = place;
  [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
  if (place < 0) return box().removeAttribute("aria-activedescendant");
  box().setAttribute("aria-activedescendant", list.children[place].id);
  list.children[place].scrollIntoView({ block: "nearest" });
};

const option = ({ text, highlight }, at) => {
  const line = Object.assign(document.createElement("li"), { id: `sw-suggestion-${at}` });
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.dataset.text = text;
  // Places count characters as Python does: a rare Chinese one is two of JavaScript's.
  const signs = [...text];
  let done = 0;
  for (const [start, end] of highlight) {
    const typed = Object.assign(document.createElement("b"), { textContent: signs.slice(start, end).join("") });
    line.append(signs.slice(done, start).join(""), typed);
    done = end;
  }
  line.append(signs.slice(done).join(""));
  return line;
};

const show = (suggestions) => {
  const input = box(), head = document.querySelector(".sw-head");
  if (!suggestions.length || document.activeElement !== input) return close();
  list.replaceChildren(...suggestions.map(option));
  list.setAttribute("aria-label", head?.dataset.suggestions ?? "");
  list.lang = head?.lang ?? "";
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list",
    "aria-controls": list.id, "aria-expanded": "true", autocomplete: "off" })) input.setAttribute(name, value);
  const frame = document.getElementById("sw-write");
  if (list.parentElement !== frame) frame.append(list);
  list.hidden = false;
  point(-1);
};

const suggest = async (again) => {
  const typed = box().value.trim(), asked = (latest += 1);
  if (!typed || typed.length > 80 || typed.includes("\n")) return close();
  const question = new URLSearchParams({ q: typed, k: 6, language: document.querySelector(".sw-head")?.lang ?? "" });
  try {
    const answer = await fetch(`/api/suggest?${question}`);
    const { ready, suggestions } = await answer.json();
    if (asked !== latest || !answer.ok) return;
    show(suggestions);
    if (!ready && again) waiting = setTimeout(suggest, 1500, again - 1);
  } catch {
    if (asked === latest) close(); // without suggestions one can still write
  }
};

document.addEventListener("input", (event) => {
  if (event.target !== box()) return;
  clearTimeout(waiting);
  waiting = setTimeout(suggest, 120, 3);
});
document.addEventListener("keydown", (event) => {
  if (event.target !== box() || event.isComposing) return;
  const count = list.hidden ? 0 : list.children.length;
  if (event.key === "Enter") {
    if (!count || active < 0) return close();
    choose(list.children[active].dataset.text);
  } else if (event.key === "Escape" && count) {
    close();
  } else if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    // One place more than there are lines: what was typed itself.
    const step = event.key === "ArrowDown" ? 1 : count;
    point(((active + 1 + step) % (count + 1)) - 1);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("focusout", (event) => event.target === box() && close());
list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
list.addEventListener("click", (event) => {
  const line = event.target.closest("li");
  if (line) choose(line.dataset.text);
});

const chosen = localStorage.getItem("shopwise.theme");
if (chosen) root.classList.toggle("dark", chosen === "dark");

// A new question is brought to the top of the window, with its answer growing under it.
let asked = false;
new MutationObserver(() => {
  const turn = document.querySelector("#sw-live .sw-turn");
  if (turn && !asked) turn.scrollIntoView({ block: "start", behavior: "smooth" });
  asked = Boolean(turn);
}).observe(document.body, { childList: true, subtree: true });
