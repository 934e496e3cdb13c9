// Keys and focus of the desk. Its pages work without this script.

// On a phone the navigation is closed until it is asked for; static/desk.css hides it until then.
const menu = document.querySelector("[data-menu]");
if (menu) {
  if (matchMedia("(max-width: 48rem)").matches) menu.open = false;
  delete menu.dataset.menu;
}

const rows = () => [...document.querySelectorAll("[data-entry], [data-decided]")];
const open = () => [...document.querySelectorAll("[data-entry]")];
const here = () => document.activeElement?.closest("[data-entry], [data-decided]");

const wide = matchMedia("(min-width: 70rem)"); // then an open entry stands beside the list

function move(step) {
  const all = rows();
  const next = all[all.indexOf(here()) + step] ?? (here() ? null : all[0]);
  next?.focus();
  if (wide.matches) show(next);
  next?.scrollIntoView({ block: "nearest" });
}

// Open an entry, and close the others.
function show(entry) {
  const own = entry?.querySelector(":scope > details");
  if (!own) return;
  for (const other of document.querySelectorAll("[data-entry] > details[open]")) if (other !== own) other.open = false;
  own.open = true;
}

// Who has an entry open for a moment is seen there by the others.
let claiming = 0;
document.addEventListener("toggle", ({ target }) => {
  const entry = target.closest?.("[data-entry]");
  if (!entry || !target.open || target.parentElement !== entry) return;
  show(entry);
  clearTimeout(claiming);
  claiming = setTimeout(() => target.open && entry.dispatchEvent(new CustomEvent("claim")), 1000);
}, true);

const keys = {
  j: () => move(1),
  k: () => move(-1),
  p: () => here()?.querySelector("button[value=publish], [data-verify]")?.click(),
  o: () => show(here()),
  r: () => (show(here()), here()?.querySelector("input.reason")?.focus()),
  u: () => (here()?.querySelector("[data-undo]") ?? [...document.querySelectorAll("[data-undo]")].at(-1))?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input.reason")) {
    // Enter in the reason rejects, because to publish needs no reason.
    if (event.key === "Enter") {
      event.preventDefault();
      event.target.form.querySelector("button[value=reject]")?.click();
    }
    if (event.key === "Escape") event.target.closest("[data-entry]")?.focus();
    return;
  }
  if (event.target.matches("input, select, textarea")) return;
  const act = keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// Focus after a swap: the next open entry after a decision, the entry itself after an undo, the field after an error.
let following = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const all = open();
  following = all[all.indexOf(event.detail.target) + 1]?.id;
});
document.addEventListener("htmx:afterSwap", (event) => {
  const swapped = event.target;
  if (swapped.id === "main") swapped.focus(); // a refusal has taken the place of the page
  if (!swapped.matches("[data-entry], [data-decided]")) return;
  const wrong = swapped.querySelector("[aria-invalid]");
  const next = wrong ?? (swapped.matches("[data-entry]") ? swapped : document.getElementById(following) ?? swapped);
  if (document.querySelector("[data-queue]")) show(next);
  next.focus();
});

if (document.querySelector("[data-queue]")) open()[0]?.focus({ preventScroll: true });
