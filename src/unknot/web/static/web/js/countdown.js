/* How long a held time is still held. The server says how many seconds are left; the clock of the device is not asked.

   <p class="countdown" data-countdown="600" data-over="The time was given back. Nothing was charged.">
     Held until 2:40 pm <span data-countdown-text></span></p>
   <span class="hidden-visually" role="status" data-countdown-status></span>   (optional: spoken at 2 min, 1 min and the end) */

const SPOKEN_AT = [120, 60];

function words(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function start(element) {
  const end = performance.now() + Number(element.dataset.countdown) * 1000;
  const text = element.querySelector("[data-countdown-text]") ?? element;
  const status = document.querySelector("[data-countdown-status]");
  const spoken = new Set();

  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    text.textContent = left > 0 ? `(${words(left)})` : "";
    for (const mark of SPOKEN_AT) {
      if (left <= mark && left > mark - 5 && !spoken.has(mark)) {
        spoken.add(mark);
        if (status) status.textContent = `${mark / 60} min`;
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
