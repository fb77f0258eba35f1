/* The diary's manners: it looks for changes every few seconds and fetches its sheet only when there are some, never while
   somebody drags, has a visit open, or looks elsewhere; the line of now and the minutes move on; arrow keys go from visit to
   visit; "Details" opens in place. Everything works without it: links lead to pages, and reloading refreshes.

   [data-board] data-first (minute of the first row) data-now (minute when it was made)
   #diary is swapped by htmx on "diary-changed"; #pulse asks; #dialog and #dialog-body hold an opened visit.
   [data-left] minutes until (data-ahead) or since (data-late), "{n}" is replaced. */

const ROW_MINUTES = 5;
const made = performance.now();
const dialog = document.querySelector("#dialog");
const status = document.querySelector("[data-diary-status]");
let opener = null;
let kept = null;

const minutesGone = () => Math.floor((performance.now() - made) / 60000);
const busy = () => document.hidden || dialog?.open || document.body.classList.contains("dragging") || editing();

function editing() {
  return Boolean(document.activeElement?.closest?.("#diary form, details[open] form")?.querySelector("select:focus, input:focus"));
}

/* Asking and refreshing */

document.addEventListener("htmx:beforeRequest", (event) => {
  if (["pulse", "diary"].includes(event.target.id) && busy()) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const pulse = document.querySelector("#pulse");
  if (!document.hidden && pulse) window.htmx?.trigger(pulse, "look-again");
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id === "diary") {
    const boards = [...document.querySelectorAll("[data-board]")];
    kept = { focus: document.activeElement?.id, at: boards.map((one) => [one.scrollLeft, one.scrollTop]) };
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "diary" || !kept) return;
  [...document.querySelectorAll("[data-board]")].forEach((board, number) => {
    [board.scrollLeft, board.scrollTop] = kept.at[number] ?? [0, 0];
  });
  if (kept.focus) document.getElementById(kept.focus)?.focus({ preventScroll: true });
  kept = null;
  status.textContent = status.dataset.said;
  setTimeout(() => (status.textContent = ""), 4000);
  tick();
});

/* The line of now */

function tick() {
  for (const board of document.querySelectorAll("[data-board]")) {
    board.dataset.start ??= String(performance.now());
    const gone = Math.floor((performance.now() - Number(board.dataset.start)) / 60000);
    const row = Math.floor((Number(board.dataset.now) + gone - Number(board.dataset.first)) / ROW_MINUTES) + 1;
    for (const line of board.querySelectorAll("[data-now-line]")) line.className = `now-line at-${row} for-1`;
  }
  for (const one of document.querySelectorAll("[data-left]")) {
    one.dataset.start ??= String(minutesGone());
    const left = Number(one.dataset.left) - (minutesGone() - Number(one.dataset.start));
    one.textContent = (left < 0 ? one.dataset.late : one.dataset.ahead).replace("{n}", String(Math.abs(left)));
  }
}
setInterval(tick, 20000);
tick();

for (const board of document.querySelectorAll("[data-board]")) {
  const wanted = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  const target = wanted?.closest("[data-board]") === board ? wanted : board.querySelector("[data-now-line]");
  if (target && board.scrollHeight > board.clientHeight) {
    board.scrollTop = Math.max(0, target.getBoundingClientRect().top - board.getBoundingClientRect().top - board.clientHeight / 3);
  }
}

/* Back from a page: on to where one was, after the browser has dealt with the fragment itself. */
const back = () => setTimeout(() => document.querySelector(`${location.hash || "#none"} a`)?.focus({ preventScroll: true }));
if (document.readyState === "complete") back();
else addEventListener("load", back);

/* Arrow keys: up and down in a column, left and right to the nearest time in the next one */

const stops = (column) => [...column.querySelectorAll("h3 a, .free a, .chip-visit a")].filter((one) => one.getClientRects().length);
const middle = (one) => {
  const box = one.closest("li").getBoundingClientRect();
  return (box.top + box.bottom) / 2;
};

document.addEventListener("keydown", (event) => {
  const at = document.activeElement?.closest?.("[data-column] a");
  const step = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!at || !step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const column = at.closest("[data-column]");
  let next = null;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const own = stops(column);
    const here = own.findIndex((one) => one.closest("li") === at.closest("li"));
    next = own[here + step];
  } else {
    const columns = [...document.querySelectorAll("[data-column]")];
    for (let number = columns.indexOf(column) + step; columns[number] && !next; number += step) {
      const far = (one) => Math.abs(middle(one) - middle(at));
      next = stops(columns[number]).sort((one, other) => far(one) - far(other))[0];
    }
  }
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.closest("li").scrollIntoView({ block: "nearest", inline: "nearest" });
});

/* A visit opened in place: links and forms of #sheet go on inside, those with data-leave load a page. A refusal is an answer
   too: it says why, and what works instead. */

const body = document.querySelector("#dialog-body");

export async function open(address, from) {
  if (!dialog?.showModal) {
    location.assign(address);
    return;
  }
  opener = from;
  await show(address);
}

async function show(address, asked = {}) {
  const answer = await fetch(address, asked);
  const sheet = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#sheet");
  if (!sheet) {
    location.assign(answer.url); // signed out meanwhile, or gone
    return;
  }
  body.replaceChildren(sheet);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  body.querySelector(":is([data-focus], h1)")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest?.("a[data-dialog], #dialog-body a[href]:not([data-leave], [href^='tel:'])");
  if (event.target === dialog || event.target.closest?.("#dialog [data-close]")) {
    event.preventDefault();
    dialog.close();
  } else if (link) {
    event.preventDefault();
    if (link.closest("#dialog-body")) show(link.href);
    else open(link.href, link);
  }
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("#dialog-body form:not([data-leave])");
  if (!form) return;
  event.preventDefault();
  show(form.action, { method: "POST", body: new FormData(form, event.submitter) });
});
dialog?.addEventListener("close", () => {
  body.replaceChildren();
  (document.getElementById(opener?.id) ?? opener)?.focus({ preventScroll: true });
  const pulse = document.querySelector("#pulse");
  if (pulse) window.htmx?.trigger(pulse, "look-again");
});
