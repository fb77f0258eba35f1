/* Taking a visit to another time by dragging: a frame shows where it would stand, letting go asks before anything changes.
   A mouse drags at once, a finger after holding still, so that scrolling stays scrolling. Escape gives up. The same without
   dragging: "Details", then "Move".

   [data-board] data-first data-grid (minutes)   [data-column] data-day data-therapist (slug) data-name
   li[data-move] data-minute data-minutes: a visit that can be moved, and the address that asks. */

import { open } from "./diary.js";

const HOLD_MS = 350;
const SLOP = 6;
const ROW_MINUTES = 5;
let drag = null;

const clock = (minute) => {
  const hour = Math.floor(minute / 60) % 24;
  return `${hour % 12 || 12}:${String(minute % 60).padStart(2, "0")} ${hour < 12 ? "a.m." : "p.m."}`;
};

document.addEventListener("pointerdown", (event) => {
  const visit = event.target.closest?.("[data-board] li[data-move]");
  if (!visit || event.button || event.target.closest("button, .details") || !isGrid(visit)) return;
  drag = { visit, x: event.clientX, y: event.clientY, id: event.pointerId, on: false, timer: 0 };
  drag.grip = event.clientY - visit.getBoundingClientRect().top;
  if (event.pointerType !== "mouse") drag.timer = setTimeout(lift, HOLD_MS);
});

const isGrid = (visit) => getComputedStyle(visit.parentElement).display === "grid" && getComputedStyle(visit).gridRowStart !== "auto";

function lift() {
  if (!drag) return;
  drag.on = true;
  drag.visit.classList.add("lifted");
  drag.target = document.createElement("li");
  document.body.classList.add("dragging");
}

document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  if (!drag.on) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLOP) return;
    if (event.pointerType !== "mouse") return forget();
    lift();
  }
  event.preventDefault();
  aim(event.clientX, event.clientY);
});

/* Where it would stand: the column under the pointer, on the practice's grid. */
function aim(x, y) {
  const board = drag.visit.closest("[data-board]");
  const column = document.elementsFromPoint(x, y).map((one) => one.closest("[data-column]")).find(Boolean);
  if (!column || !board.contains(column)) return;
  const own = drag.visit.closest("[data-column]");
  if (!column.dataset.therapist && column !== own) return; // rooms are chosen by the diary itself
  const list = column.querySelector(".diary");
  const row = parseFloat(getComputedStyle(list).gridAutoRows);
  const grid = Number(board.dataset.grid);
  const minute = Number(board.dataset.first) + ((y - drag.grip - list.getBoundingClientRect().top) / row) * ROW_MINUTES;
  const length = Number(drag.visit.dataset.minutes);
  drag.minute = Math.min(Math.max(Math.round(minute / grid) * grid, Number(board.dataset.first)), 1440 - grid);
  drag.column = column;
  const first = (drag.minute - Number(board.dataset.first)) / ROW_MINUTES + 1;
  drag.target.className = `target at-${first} for-${Math.ceil(length / ROW_MINUTES)}`;
  drag.target.textContent = `${clock(drag.minute)}, ${column.dataset.name}`;
  if (drag.target.parentElement !== list) list.append(drag.target);
}

document.addEventListener("pointerup", (event) => {
  if (!drag || event.pointerId !== drag.id) return;
  const { on, visit, column, minute } = drag;
  forget();
  if (!on) return;
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 50);
  if (!column || (column === visit.closest("[data-column]") && minute === Number(visit.dataset.minute))) return;
  const wall = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const to = `${column.dataset.therapist}||${column.dataset.day}T${wall}`;
  const back = document.querySelector("#diary").getAttribute("hx-get");
  open(`${visit.dataset.move}?to=${encodeURIComponent(to)}&back=${encodeURIComponent(back)}`, visit.querySelector("h3 a"));
});

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

function forget() {
  if (!drag) return;
  clearTimeout(drag.timer);
  drag.visit.classList.remove("lifted");
  drag.target?.remove();
  document.body.classList.remove("dragging");
  drag = null;
}

document.addEventListener("pointercancel", forget);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") forget();
});
document.addEventListener("touchmove", (event) => {
  if (drag?.on) event.preventDefault(); // a lifted visit moves, the page does not
}, { passive: false });
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("li[data-move]")) event.preventDefault(); // links have a drag of their own
});
document.addEventListener("contextmenu", (event) => {
  if (drag && event.target.closest?.("li[data-move]")) event.preventDefault();
});
