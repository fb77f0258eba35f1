/* How long a held time is still held. The server says how many seconds are left; the clock of the device is not asked. Without
   this module the server's "until 2:40 p.m." stands there and is true.

   <p class="countdown" data-countdown="600" data-over="The time was given back. Nothing was charged.">
     Held until 2:40 p.m. <span data-countdown-text aria-hidden="true"></span></p>
   <span class="hidden-visually" role="status" aria-live="polite" data-countdown-status
     data-two-minutes="Two minutes left" data-half-minute="30 seconds left"></span>

   The numbers run for the eyes only; ears are told at two minutes, at thirty seconds and at the end, politely. Who asked for
   less motion sees whole minutes until the last one. */

const SPOKEN_AT = { 120: "twoMinutes", 30: "halfMinute" };
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function words(seconds) {
  if (calm.matches && seconds > 60) return `${Math.ceil(seconds / 60)} min`;
  if (calm.matches) return "< 1 min";
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function start(element) {
  const end = performance.now() + Number(element.dataset.countdown) * 1000;
  const text = element.querySelector("[data-countdown-text]") ?? element;
  const status = document.querySelector("[data-countdown-status]");
  const spoken = new Set();

  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    write(text, left > 0 ? `(${words(left)})` : "");
    for (const mark of Object.keys(SPOKEN_AT).map(Number)) {
      if (left <= mark && left > mark - 5 && !spoken.has(mark)) {
        spoken.add(mark);
        if (status) status.textContent = status.dataset[SPOKEN_AT[mark]] ?? "";
      }
    }
    if (left > 0) return;
    clearInterval(timer);
    element.textContent = element.dataset.over ?? "";
    if (status) status.textContent = element.textContent;
    element.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
  };
  const timer = setInterval(tick, 1000);
  tick();
}

document.querySelectorAll("[data-countdown]").forEach(start);
