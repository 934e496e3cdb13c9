// Hashes a chosen or dropped file in the browser: the file itself goes nowhere.
const form = document.querySelector("form[data-verify]");
const field = form.querySelector("[name=sha256]");
const input = document.querySelector("[data-drop] input[type=file]");
const told = document.querySelector("#hashing");

async function hash(file) {
  told.textContent = told.dataset.working;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  field.value = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  form.requestSubmit();
}

if (window.crypto?.subtle) {
  const area = document.querySelector("[data-drop]");
  for (const part of area.querySelectorAll("[data-without-script]")) part.hidden = true;
  for (const part of area.querySelectorAll("[data-with-script]")) part.hidden = false;
  area.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("change", () => input.files[0] && hash(input.files[0]));
  area.addEventListener("dragover", (event) => event.preventDefault());
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) hash(event.dataTransfer.files[0]);
  });
}
