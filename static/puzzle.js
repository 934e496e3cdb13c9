// Solves the puzzle of the page in a worker, then sends the form. The visitor has pressed its button already.

const form = document.querySelector("[data-puzzle]");
const solving = form.querySelector("[data-solving]");
const without = form.querySelector("[data-without]");
const PATIENCE = 30_000; // milliseconds; then the form without the puzzle is offered again

const giveUp = () => {
  solving.hidden = true;
  without.hidden = false;
};

const solve = () => {
  const puzzle = JSON.parse(form.dataset.puzzle);
  const worker = new Worker(form.dataset.worker);
  solving.hidden = false;
  without.hidden = true;
  setTimeout(giveUp, PATIENCE);
  worker.onerror = giveUp;
  worker.onmessage = ({ data: number }) => {
    if (number === null) return giveUp();
    const { algorithm, challenge, salt, signature } = puzzle;
    form.elements.puzzle.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    form.submit();
  };
  worker.postMessage(puzzle);
};

// After the Back button the page holds a used puzzle, so the button without the puzzle is shown.
addEventListener("pageshow", ({ persisted }) => (persisted ? giveUp() : undefined));
if (globalThis.crypto?.subtle && globalThis.Worker) solve();
