// How long it still is until a moment, once in ten seconds. Without this script the page says it as of its loading.

const left = (until) => {
  const minutes = Math.max(0, Math.ceil((until - Date.now()) / 60_000));
  const parts = [[Math.floor(minutes / 1440), "day"], [Math.floor((minutes % 1440) / 60), "hour"], [minutes % 60, "minute"]];
  const told = parts.filter(([count]) => count).slice(0, 2);
  return told.length ? `in ${told.map(([count, word]) => `${count} ${word}${count === 1 ? "" : "s"}`).join(" ")}` : "now";
};

for (const time of document.querySelectorAll("time[data-left]")) {
  const show = () => { time.textContent = left(new Date(time.dateTime)); };
  setInterval(show, 10_000);
  addEventListener("pageshow", show);
}
