// Clicks anywhere on the page become events that Python hears: one listener, no handler per button.
// `element`, `trigger` are given by the component this is loaded with.
const root = document.body;
const send = (name, data) => trigger(name, data);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button || button.disabled) return;
  const { do: action, variant = "", quantity = "0", text = "", language = "" } = button.dataset;
  if (action === "cart") {
    root.classList.toggle("sw-cart-open");
  } else if (action === "theme") {
    const dark = root.classList.toggle("dark");
    localStorage.setItem("shopwise.theme", dark ? "dark" : "light");
  } else if (action === "add") {
    const choice = button.closest(".sw-card").querySelector(".sw-variant");
    send("click", { action, variant: choice ? choice.value : variant, quantity: 1 });
  } else if (action === "quantity") {
    send("click", { action, variant, quantity: Number(quantity) });
  } else if (action === "language" || action === "new") {
    send("select", { action, language });
  } else if (action === "ask") {
    send("submit", { text });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") root.classList.remove("sw-cart-open");
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
