// Keys and focus of the desk. Its pages work without this script.

const rows = () => [...document.querySelectorAll("[data-entry], [data-decided]")];
const open = () => [...document.querySelectorAll("[data-entry]")];
const here = () => document.activeElement?.closest("[data-entry], [data-decided]");

function move(step) {
  const all = rows();
  const next = all[all.indexOf(here()) + step] ?? (here() ? null : all[0]);
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  p: () => here()?.querySelector("button[value=publish], [data-verify]")?.click(),
  r: () => here()?.querySelector("input.reason")?.focus(),
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
  next.focus();
});

if (document.querySelector("[data-queue]")) open()[0]?.focus({ preventScroll: true });
