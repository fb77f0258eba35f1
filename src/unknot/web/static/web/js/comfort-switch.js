/* The comfort screen with one switch: the four buttons are lit in turn, and one press anywhere (touch, key, or a switch that
   sends a key or a click) takes the one that is lit. Holding on is always a stop. Off until somebody starts it.

   [data-switch-part] with select[data-pace] (seconds) and [data-switch-on]; [data-switch-off-part] with [data-switch-off];
   the buttons of form[data-comfort] get data-lit in turn. Escape leaves. The pace is kept on the device. */

const HOLD_MS = 1000;
const ONE_PRESS_MS = 700;
const PACE = "unknot.comfort.pace";
const form = document.querySelector("[data-comfort]");
const part = document.querySelector("[data-switch-part]");

if (form && part) {
  const buttons = [...form.querySelectorAll('button[name="signal"]')];
  const stop = buttons.find((button) => button.value === "stop");
  const pace = part.querySelector("[data-pace]");
  const off = document.querySelector("[data-switch-off-part]");
  let lit = -1;
  let timer = 0;
  let holding = 0;
  let chosen = null;
  let pressedAt = -ONE_PRESS_MS;

  function light(index) {
    lit = index;
    buttons.forEach((button, i) => button.toggleAttribute("data-lit", i === index));
  }

  function scan(first = 0) {
    clearInterval(timer);
    light(first);
    timer = setInterval(() => light((lit + 1) % buttons.length), Number(pace.value) * 1000);
  }

  function take(button) {
    chosen = null;
    clearTimeout(holding);
    clearInterval(timer);
    light(buttons.indexOf(button));
    form.requestSubmit(button);
    timer = setTimeout(scan, Number(pace.value) * 1000);
  }

  const aside = (event) => event.target.closest?.("[data-switch-off]");

  function down(event) {
    if (aside(event) || event.repeat) return;
    if (event.type === "keydown" && event.key === "Escape") return leave();
    if (event.type === "keydown" && (event.key === "Tab" || event.ctrlKey || event.altKey || event.metaKey)) return;
    event.preventDefault();
    pressedAt = performance.now();
    if (chosen) return;
    chosen = buttons[lit] ?? stop;
    holding = setTimeout(() => take(stop), HOLD_MS);
  }

  function up(event) {
    if (aside(event) || !chosen) return;
    event.preventDefault();
    pressedAt = performance.now();
    take(chosen);
  }

  const swallow = (event) => aside(event) || event.preventDefault(); // the press was taken when it went down
  const heard = { pointerdown: down, keydown: down, pointerup: up, pointercancel: up, keyup: up, click: clickOnly, contextmenu: swallow };

  function clickOnly(event) {
    if (aside(event)) return;
    event.preventDefault();
    if (performance.now() - pressedAt > ONE_PRESS_MS) take(buttons[lit] ?? stop); // a switch that sends nothing but a click
  }

  function start() {
    try {
      localStorage.setItem(PACE, pace.value);
    } catch {
      /* Not kept. */
    }
    part.hidden = true;
    off.hidden = false;
    document.activeElement?.blur();
    document.body.dataset.oneSwitch = "";
    for (const [name, act] of Object.entries(heard)) document.addEventListener(name, act, { capture: true });
    scan();
  }

  function leave() {
    clearInterval(timer);
    clearTimeout(holding);
    chosen = null;
    light(-1);
    delete document.body.dataset.oneSwitch;
    for (const [name, act] of Object.entries(heard)) document.removeEventListener(name, act, { capture: true });
    part.hidden = false;
    off.hidden = true;
  }

  try {
    const known = localStorage.getItem(PACE);
    if ([...pace.options].some((option) => option.value === known)) pace.value = known;
  } catch {
    /* Storage is off: the usual pace. */
  }
  part.hidden = false;
  part.querySelector("[data-switch-on]").addEventListener("click", () => setTimeout(start));
  off.querySelector("[data-switch-off]").addEventListener("click", leave);
}
