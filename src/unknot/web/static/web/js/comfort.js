/* Comfort taps of the client: lighter, same, deeper, stop. Each tap is kept on the device until the server has it, so a lost
   connection loses nothing; the idempotency key makes a repeated tap harmless. Without this module the form posts plainly.

   <form data-comfort method="post" action="..."> csrf token, <button name="signal" value="lighter"> ... </form>
   <p role="status" data-comfort-status data-sent="..." data-kept="..." data-late="..." data-refused="..."></p>
   <form data-comfort-end method="post">: ends the session; without a line a stop is kept in its place.

   Posts: signal, pressed_at and sent_at (ISO, device time), idempotency_key; header Idempotency-Key. A stop always goes first. The screen stays awake, so that the
   faces are there when a hand feels for them. */

const RETRY_MS = [1000, 2000, 5000, 10000];
const form = document.querySelector("[data-comfort]");

if (form) {
  const store = `unknot.comfort.${new URL(form.action).pathname}`;
  const status = document.querySelector("[data-comfort-status]");
  let failures = 0;
  let sending = false;
  let timer = 0;

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(store)) ?? [];
    } catch {
      return [];
    }
  };
  let waiting = read();

  const keep = () => {
    try {
      if (waiting.length) localStorage.setItem(store, JSON.stringify(waiting));
      else localStorage.removeItem(store);
    } catch {
      /* Private mode: the queue lives in memory only. */
    }
  };
  const say = (key, signal) => {
    if (!status) return;
    status.textContent = (status.dataset[key] ?? "").replace("{signal}", signal);
    status.dataset.state = key;
  };
  const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(16).slice(2)}`;

  async function post(tap) {
    const body = new FormData(form);
    body.set("signal", tap.signal);
    body.set("pressed_at", tap.pressed_at);
    body.set("sent_at", new Date().toISOString()); // the same clock again: a wrong one cancels itself out
    body.set("idempotency_key", tap.key);
    return fetch(form.action, {
      method: "POST",
      body,
      headers: { "Idempotency-Key": tap.key, Accept: "application/json" },
      signal: AbortSignal.timeout?.(8000),
    });
  }

  async function flush() {
    if (sending || !waiting.length) return;
    sending = true;
    clearTimeout(timer);
    const tap = waiting.find((one) => one.signal === "stop") ?? waiting[0];
    try {
      const answer = await post(tap);
      if (!answer.ok && (answer.status >= 500 || answer.status === 408 || answer.status === 429)) throw new Error("later");
      waiting = waiting.filter((one) => one.key !== tap.key);
      keep();
      failures = 0;
      const told = answer.ok ? await answer.json().catch(() => ({})) : {};
      say(!answer.ok ? "refused" : told.late && status?.dataset.late ? "late" : "sent", tap.label);
    } catch {
      say("kept", tap.label);
      timer = setTimeout(flush, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
      return;
    } finally {
      sending = false;
    }
    flush();
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "signal") return;
    event.preventDefault();
    press(button);
  });

  document.querySelector("[data-comfort-end]")?.addEventListener("submit", (event) => {
    if (navigator.onLine && !failures) return;
    event.preventDefault();
    press(form.querySelector('[value="stop"]'));
  });

  function press(button) {
    const label = button.dataset.label ?? button.textContent.trim();
    waiting.push({ key: newKey(), signal: button.value, label, pressed_at: new Date().toISOString() });
    keep();
    form.querySelectorAll("[data-sent]").forEach((other) => delete other.dataset.sent);
    button.dataset.sent = "";
    navigator.vibrate?.(20);
    clearTimeout(timer);
    flush();
  }

  const stayAwake = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  addEventListener("online", flush);
  flush();
}
