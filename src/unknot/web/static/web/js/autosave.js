/* Keeps what was typed until the server has acknowledged it: a closed tab or a lost connection does not eat a note.

   <form data-autosave="note-<id>" data-saved-version="2026-11-20T10:15:00Z"> ... <p class="saved" role="status" data-autosave-status
     data-kept="Kept on this device" data-restored="Your unsaved words are back" data-saved="Saved"></p>

   The draft stays on this device only, is dropped when the form's page comes back with a newer data-saved-version, on the
   `autosave:saved` event (or an htmx answer 2xx, whose X-Saved-Version header names the new version), and in any case after 24 hours. Fields marked data-autosave-skip, passwords
   and hidden fields are never kept. A save that failed for want of a line or a server is tried again by a `change` event. */

const MAX_AGE_MS = 24 * 60 * 60 * 1000;
const RETRY_MS = 5000;
const PREFIX = "unknot.draft.";

function dropOld() {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const draft = JSON.parse(localStorage.getItem(key) ?? "{}");
    if (!(Date.now() - draft.at < MAX_AGE_MS)) localStorage.removeItem(key);
  }
}

function keptFields(form) {
  return [...form.elements].filter(
    (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type) && !("autosaveSkip" in field.dataset),
  );
}

function snapshot(form) {
  const toggles = ["checkbox", "radio"];
  return keptFields(form).map((field) => [field.name, field.value, toggles.includes(field.type) ? field.checked : null]);
}

function restore(form, entries) {
  const fields = keptFields(form);
  for (const [name, value, checked] of entries) {
    const field = fields.find((one) => one.name === name && (checked === null || one.value === value));
    if (!field) continue;
    if (checked === null) field.value = value;
    else field.checked = checked;
  }
}

function wire(form) {
  const key = PREFIX + form.dataset.autosave;
  let version = form.dataset.savedVersion ?? "";
  const say = (name) => {
    const status = form.querySelector("[data-autosave-status]"); // looked up anew: an answer may have replaced it
    if (status) status.textContent = status.dataset[name] ?? "";
  };
  let timer = 0;

  const draft = JSON.parse(localStorage.getItem(key) ?? "null");
  if (draft && draft.version === version) {
    restore(form, draft.entries);
    say("restored");
  } else {
    localStorage.removeItem(key);
  }

  const keep = () => {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), version, entries: snapshot(form) }));
    say("kept");
  };
  let edits = 0;
  let sent = 0;
  form.addEventListener("input", () => {
    edits += 1;
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  });

  /* Without a line, or while the server restarts, nobody has to type another letter for the next try. */
  let again = 0;
  const save = () => form.dispatchEvent(new Event("change", { bubbles: true }));
  function tryAgainLater(code) {
    if (code !== 0 && code < 500) return; // refused with a reason, which the page shows
    clearTimeout(again);
    again = setTimeout(save, RETRY_MS);
  }
  addEventListener("online", () => again && save());

  const forget = () => {
    clearTimeout(again);
    again = 0;
    clearTimeout(timer);
    localStorage.removeItem(key);
    say("saved");
  };
  form.addEventListener("autosave:saved", forget);
  form.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return tryAgainLater(event.detail.xhr?.status ?? 0);
    version = event.detail.xhr.getResponseHeader("X-Saved-Version") ?? version;
    if (edits === sent) forget();
    else keep(); // typed while the answer was on its way: kept, upon the new version
  });
  form.addEventListener("htmx:beforeRequest", () => (sent = edits));
}

try {
  dropOld();
  document.querySelectorAll("form[data-autosave]").forEach(wire);
} catch {
  /* Storage is off or full: the form still works, only without the safety net. */
}
