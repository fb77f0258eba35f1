/* Choosing a day leads on: the focus goes to its first free time, and how many there are is said.

   <details class="day"><summary>Tuesday 24 November 2026, five times free</summary> ... <button class="slot"> ... </details>
   <p role="status" data-times-status></p> */

const status = document.querySelector("[data-times-status]");

document.addEventListener("click", (event) => {
  const summary = event.target.closest?.("details.day > summary");
  const day = summary?.parentElement;
  if (!day || day.open) return; // it opens right after this click
  setTimeout(() => {
    if (!day.open) return;
    day.querySelector("button.slot")?.focus();
    if (status) status.textContent = summary.textContent.trim();
  });
});
