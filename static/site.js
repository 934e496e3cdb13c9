// Small improvements of pages. Every page works without this script.

const other = document.querySelector("[data-other]");
const profession = other?.form?.elements.namedItem("profession") ?? document.querySelector("[name=profession]");
if (other && profession) {
  // Show the free text field only while "other" is chosen, or if it has an error.
  const show = () => {
    other.hidden = profession.value !== "other" && !other.querySelector("[aria-invalid]");
  };
  profession.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}

// Focus the errors, also in browsers that do not focus the fragment of the URL.
document.querySelector(".errors")?.focus();

// The share sheet of the device, where there is one.
const sheet = document.querySelector("[data-share]");
if (sheet && navigator.share) {
  const { shareTitle: text, shareUrl: url } = sheet.closest("[data-share-url]").dataset;
  sheet.parentElement.hidden = false;
  sheet.addEventListener("click", () => navigator.share({ text, url }).catch(() => {}));
}

// Copy a line or the words of a field, where the browser lets us.
const copied = (place) => (place.value ?? place.textContent).trim();
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copied(document.getElementById(button.dataset.copy)));
    button.textContent = button.dataset.done;
  });
}

// The channel of a partner's link stays when the language is changed.
if (location.search) {
  for (const link of document.querySelectorAll(".languages a")) link.search ||= location.search;
}

const number = document.querySelector("[data-count-from]");
if (number) {
  const language = document.documentElement.lang;
  const figures = new Intl.NumberFormat(language);
  const plural = new Intl.PluralRules(language);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const EVERY = 30_000, LONGEST = 320_000, PATIENCE = 10_000;
  let wait = EVERY, timer = 0;

  // AbortSignal.timeout is missing in Safari before 16.
  const read = async (address) => {
    const patience = new AbortController();
    const end = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const answer = await fetch(address, { credentials: "omit", signal: patience.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      return await answer.text();
    } finally {
      clearTimeout(end);
    }
  };

  const placeOf = (part) => number.querySelector(`[data-number=${part}]`);

  // Whether only the figure changes. Another plural form, or the first signature, needs a sentence from the server.
  const sameSentence = (count) => {
    const place = placeOf("count");
    return Boolean(place) && plural.select(Number(place.dataset.value)) === plural.select(count);
  };

  const takeOver = async () => {
    const page = new DOMParser().parseFromString(await read(location.pathname), "text/html");
    const fresh = page.querySelector("[data-count-from]");
    if (fresh) number.replaceChildren(...fresh.children);
  };

  const write = (part, value) => {
    const place = placeOf(part);
    if (!place) return;
    const from = Number(place.dataset.value);
    if (from === value) return;
    place.dataset.value = value;
    rise(place, from, value);
  };

  const rise = (place, from, to) => {
    const steps = still.matches || document.hidden ? 1 : Math.min(Math.abs(to - from), 24);
    let step = 0;
    const next = () => {
      step += 1;
      // Use the no-break space between thousands, as the server does.
      place.textContent = figures.format(Math.round(from + ((to - from) * step) / steps)).replaceAll("\u202f", "\u00a0");
      if (step < steps) setTimeout(next, 40);
    };
    next();
  };

  const ask = async () => {
    try {
      const said = JSON.parse(await read(number.dataset.countFrom));
      if (said.count && !sameSentence(said.count)) await takeOver();
      else if (said.count) for (const part of ["count", "named", "unnamed", "groups"]) write(part, said[part]);
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, LONGEST);
    }
    later();
  };

  const later = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, wait * (0.9 + Math.random() * 0.2));
  };
  document.addEventListener("visibilitychange", later);
  later();
}
