// The monitor's live regions: each is read again by htmx every 12 seconds while the page is seen.
// Without this script nothing is missing but that: every page says all it has to say when it is opened.
"use strict";

const EVERY = 12_000;
let paused = false;

function readAgain() {
  if (paused || document.hidden) return;
  for (const region of document.querySelectorAll("[data-live]")) {
    // Whoever is at work in a region would lose their place in it.
    if (!region.contains(document.activeElement)) htmx.trigger(region, "again");
  }
}

function say(stale) {
  for (const note of document.querySelectorAll("[data-stale]")) note.hidden = !stale;
}

for (const button of document.querySelectorAll("[data-pause]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    readAgain();
  });
}

document.addEventListener("visibilitychange", readAgain);
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr, isError } = event.detail;
  if (isError) return;
  // Another page came: the login has ended.
  if (!xhr.responseText.includes(`id="${target.id}"`)) {
    event.preventDefault();
    location.reload();
  }
});
document.addEventListener("htmx:afterSwap", () => say(false));
document.addEventListener("htmx:responseError", () => say(true));
document.addEventListener("htmx:sendError", () => say(true));
setInterval(readAgain, EVERY);
