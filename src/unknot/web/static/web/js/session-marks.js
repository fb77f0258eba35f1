/* What the therapist does on the session screen, kept on the device until the server has it: a lost line on a home visit
   stops nothing. Each mark has an id of its own and the device's time; the server takes each once and works out when it was.

   [data-session] data-marks="/.../marks/" (where to send) data-after (where to go once the end has arrived)
   <script type="application/json" id="session-parts"> the parts: key, phase, where, how, position, level, cap_level
   form[data-move] (next, back), form[data-acknowledge], form[data-said], form[data-quick-note], form[data-end-here],
   a[data-finish], a[data-finish-early] (shown forms take their place without a line), [data-kept] how many wait.
   Marks stand in IndexedDB, in memory where there is none; those of a screen that was closed are sent by session-left.js. Without this module all forms post plainly. */

const RETRY_MS = [1000, 2000, 5000, 10000];
const MOST = 50;
const PATIENCE_MS = 3000;
const root = document.querySelector("[data-session][data-marks]");

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function openStore() {
  const request = indexedDB.open("unknot-session", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("marks", { keyPath: "n", autoIncrement: true });
  const database = await asked(request);
  return (mode) => database.transaction("marks", mode).objectStore("marks");
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing on a plain http network
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

if (root) {
  const parts = JSON.parse(document.querySelector("#session-parts").textContent);
  const find = (selector) => root.querySelector(selector);
  const endHere = find("[data-end-here]");
  let store = null;
  let waiting = [];
  let sending = false;
  let failures = 0;
  let timer = 0;
  let signedOut = false;
  let ended = false;

  /* Keeping */
  async function keep(kind, content) {
    const { session, marks: url } = root.dataset;
    const mark = { id: newId(), session, url, kind, content, at: new Date().toISOString() };
    waiting.push(mark);
    show();
    try {
      mark.n = await asked(store("readwrite").add(mark));
    } catch {
      /* No storage: kept in memory as long as this page stays open. */
    }
    flush();
  }

  async function forget(ids) {
    const gone = waiting.filter((mark) => ids.has(mark.id));
    waiting = waiting.filter((mark) => !ids.has(mark.id));
    for (const mark of gone.filter((one) => one.n !== undefined)) await asked(store("readwrite").delete(mark.n)).catch(() => {});
    show();
  }

  function show() {
    const line = find("[data-kept]");
    root.toggleAttribute("data-pending", waiting.length > 0);
    const late = failures > 0 || signedOut;
    line.hidden = !waiting.length || !late;
    line.querySelector("span").textContent = (signedOut ? line.dataset.wordsSignIn : line.dataset.words).replace("{n}", waiting.length);
  }

  /* Sending */
  const token = () => find('form[data-move] [name="csrfmiddlewaretoken"]');

  async function freshToken() {
    const page = await fetch(location.href, { cache: "no-store" });
    const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[data-session] [name=csrfmiddlewaretoken]");
    signedOut = !found && page.redirected;
    if (found) token().value = found.value;
  }

  async function post(batch) {
    const body = new URLSearchParams({
      csrfmiddlewaretoken: token().value,
      sent_at: new Date().toISOString(),
      marks: JSON.stringify(batch.map(({ id, kind, content, at }) => ({ id, kind, content, at }))),
    });
    const answer = await fetch(root.dataset.marks, { method: "POST", body, keepalive: true, signal: AbortSignal.timeout?.(8000) });
    if (answer.ok && !answer.redirected) return answer.json();
    if (answer.redirected || answer.status === 403) await freshToken();
    throw new Error("later");
  }

  async function flush() {
    clearTimeout(timer);
    if (sending || !waiting.length) return;
    sending = true;
    try {
      const told = await post(waiting.slice(0, MOST));
      failures = 0;
      signedOut = false;
      await forget(new Set(told.answers.map((one) => one.id)));
      heard(told);
    } catch {
      timer = setTimeout(flush, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
      show();
      return;
    } finally {
      sending = false;
    }
    flush();
  }

  function heard(told) {
    const refused = told.answers.filter((one) => one.why).map((one) => one.why);
    if (refused.length) say(refused.join(" "));
    if (waiting.length) return;
    if (!told.running) leave();
    else if ("stale" in root.dataset) location.reload();
    else if (told.part && told.part !== root.dataset.part) root.dispatchEvent(new CustomEvent("session:go", { detail: { key: told.part } }));
  }

  function say(text) {
    const line = document.createElement("p");
    line.textContent = text;
    find("[data-prompts]").append(line);
  }

  function leave() {
    root.dataset.leaving = "";
    root.dispatchEvent(new CustomEvent("session:clean"));
    localStorage.removeItem(`unknot.session.${root.dataset.session}`);
    location.assign(root.dataset.after);
  }

  /* Showing */
  const label = (part) => (part.where ? `${part.phase}, ${part.where}` : part.phase);
  const here = () => parts.findIndex((part) => part.key === root.dataset.part);
  const stopped = "stopped" in root.dataset; // the client took back the treatment: no part may begin
  const following = () => (stopped ? undefined : parts[here() + 1]);

  function showPart() {
    const part = parts[here()];
    if (!part) return;
    const next = following();
    find("[data-current]").textContent = part.where ? `${part.phase}: ${part.where}` : part.phase;
    find("[data-how]").textContent = part.how ? `${part.how}; ${part.position}` : part.position;
    const limit = find("[data-limit]");
    limit.hidden = part.cap_level === null;
    find("[data-limit-words]").textContent = limit.dataset.words.replace("{level}", part.level).replace("{cap}", part.cap_level);
    const button = find('form[data-move] [value="next"]');
    button.hidden = !next;
    if (next) button.textContent = button.dataset.words.replace("{part}", label(next));
    find("[data-finish]").hidden = Boolean(next);
    find("[data-finish-early]").hidden = !next;
    find('form[data-move] [value="back"]').hidden = here() < 1 || stopped;
    find('form[data-move] [name="leave"]').value = part.key;
  }

  /* Doing */
  const on = (selector, act) =>
    find(selector)?.addEventListener("submit", (event) => {
      event.preventDefault();
      act(new FormData(event.target), event.submitter);
    });

  let moved = 0;
  on("[data-move]", (_, button) => {
    const leave = root.dataset.part;
    const to = button.value === "back" ? parts[here() - 1] : following();
    if (!to || ended || performance.now() - moved < 600) return; // an oiled finger taps twice
    moved = performance.now();
    root.dispatchEvent(new CustomEvent("session:go", { detail: { key: to.key } }));
    keep("move", { leave, key: to.key });
  });
  on("[data-acknowledge]", (typed) => {
    find("[data-acknowledge]").hidden = true;
    delete find("[data-cue]").dataset.fresh;
    keep("acknowledge", { seq: Number(typed.get("seq")) });
  });
  on("[data-said]", (_, button) => {
    keep("said", { signal: button.value });
    button.toggleAttribute("data-said-now", true);
    setTimeout(() => button.removeAttribute("data-said-now"), 1500);
  });
  on("[data-quick-note]", (typed) => {
    const words = typed.get("words").trim();
    if (!words) return;
    keep("note", { words });
    find("[data-quick-note]").reset();
    const line = document.createElement("li");
    line.textContent = `${new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit" })} ${words}`;
    find("[data-written]").append(line);
  });

  const noLine = () => !navigator.onLine || failures > 0 || !find("[data-line]").hidden;
  for (const link of root.querySelectorAll("[data-finish], [data-finish-early]")) {
    link.addEventListener("click", async (event) => {
      if (!noLine() && !waiting.length) return; // the page asks
      event.preventDefault();
      const until = performance.now() + PATIENCE_MS;
      while (!noLine() && waiting.length && performance.now() < until) await new Promise((done) => setTimeout(done, 50));
      if (!waiting.length && !noLine()) return location.assign(link.href);
      endHere.hidden = false;
      endHere.scrollIntoView({ block: "nearest" });
      endHere.querySelector("input").focus();
    });
  }
  find("[data-not-yet]").addEventListener("click", () => (endHere.hidden = true));
  on("[data-end-here]", (typed) => {
    ended = true;
    endHere.hidden = true;
    find("[data-ended-here]").hidden = false;
    find("[data-move]").hidden = true;
    root.dispatchEvent(new CustomEvent("session:stop"));
    const pain = typed.get("pain");
    keep("end", { ended_by: typed.get("ended_by"), words: typed.get("words"), pain: pain === "" ? null : Number(pain) });
  });

  root.addEventListener("session:part", showPart);
  root.addEventListener("session:line", flush);
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", flush);

  (async () => {
    try {
      store = await openStore();
      const rows = await asked(store("readonly").getAll());
      waiting = [...rows.filter((mark) => mark.session === root.dataset.session), ...waiting];
    } catch {
      store = () => {
        throw new Error("no storage");
      };
    }
    show();
    flush();
    root.dataset.ready = "";
  })();
}
