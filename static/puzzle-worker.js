// Finds the number for which SHA-256 of salt and number is the challenge (altcha, version 1). Posts the number, or null.

const STRIDE = 500; // numbers tried at once

onmessage = async ({ data: { challenge, salt, maxNumber } }) => {
  const encoder = new TextEncoder();
  const wanted = Uint8Array.from(challenge.match(/../g), (pair) => parseInt(pair, 16));
  const fits = async (number) => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(salt + number)));
    return digest.every((byte, place) => byte === wanted[place]);
  };
  for (let from = 0; from <= maxNumber; from += STRIDE) {
    const tries = await Promise.all(Array.from({ length: STRIDE }, (_, offset) => fits(from + offset)));
    const found = tries.indexOf(true);
    if (found >= 0) return postMessage(from + found);
  }
  postMessage(null);
};
