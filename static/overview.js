// The overview renews itself (htmx, every 20 seconds). This script keeps it from disturbing, and tells what is new.
// Without it the page has a link to renew.

const now = document.querySelector("[data-renews]");
const news = document.getElementById("news");

// Not while nobody looks, while a form has the focus, or while words are marked in the part that would be replaced.
const disturbs = () => {
  const marked = getSelection();
  return (
    document.hidden ||
    Boolean(document.activeElement?.closest("form")) ||
    (!marked.isCollapsed && now.contains(marked.anchorNode))
  );
};

const counts = () => new Map([...now.querySelectorAll("[data-count]")].map((row) => [row.dataset.words, Number(row.dataset.count)]));

let before = counts(); // until something new was told
let top = 0;
let height = 0;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === now && disturbs()) event.preventDefault();
});

// What stands below must not move while it is read: the room only grows, and then the page is scrolled by as much.
const below = () => now.nextElementSibling.getBoundingClientRect().top;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target !== now) return;
  height = Math.max(height, now.offsetHeight);
  top = below();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target !== now) return;
  now.style.minBlockSize = `${height}px`;
  if (scrollY > 0 && top < innerHeight) scrollBy({ top: below() - top, behavior: "instant" });
  tell();
});

// One sentence, only where more waits than before.
function tell() {
  const found = counts();
  const risen = [...found].filter(([words, count]) => count > (before.get(words) ?? 0));
  if (risen.length) news.textContent = `New: ${risen.map(([words, count]) => `${words}: ${count}`).join("; ")}.`;
  before = found;
}

addEventListener("resize", () => {
  height = 0;
  now.style.minBlockSize = "";
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) now.dispatchEvent(new Event("renew"));
});
