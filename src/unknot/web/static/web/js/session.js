/* The therapist's session screen: a clock that follows the plan, and the client's comfort signals as a silent cue.

   <main data-session data-elapsed="754" data-running="true" data-url="/.../stream">   seconds since the start, by the server
     <span data-clock="segment">, <span data-clock="session">, <span data-clock="elapsed">, <progress data-clock="progress" max="3600">
     <p data-current> words of the current segment
     <li data-segment data-key="s02" data-minutes="7" data-from="0" data-to="420"> (web/parts/segment_list.html)
     <section data-now> gets data-near half a minute before the end of a part and data-over after it: the silent cue
     <div data-cue role="status"><span data-cue-word></span><span data-cue-time></span></div>  data-word-lighter="Lighter" ...
     <div data-prompts> lines for the therapist; <form data-acknowledge hidden> with <input data-cue-seq>: the answer to a tap,
     and in it <span data-waiting="12"> seconds the tap has waited

   Server-sent events: `comfort` {"id", "signal", "at", "seq", "prompts"}, `segment` {"elapsed", "part"} (the clock was set),
   `plan` {} (something was taken back: the page loads anew), `ended` {}. An open stop stays on the screen until it is answered, whatever comes after it.
   data-follow="server": the server says which segment is current (data-state), and time over its plan shows with a plus;
   data-part names it. <progress max> is then the booked time. What this screen knows is kept in localStorage under the
   page's data-made (and data-kept-made, the copy on the device), so that the page, loaded again without a line, goes on.
   To session-marks.js: `session:part` {key} when another part is shown, `session:ended`. From it: `session:go` {key}.
   While data-pending is set, marks wait for the line and the server is behind; data-leaving: the note is being opened. A broken stream comes back by itself. */

const FRESH_MS = 20000;
const NEAR_SECONDS = 30;
const root = document.querySelector("[data-session]");

function clockWords(seconds) {
  const sign = seconds < 0 ? "+" : "";
  const whole = Math.abs(Math.round(seconds));
  return `${sign}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function memory(key) {
  return {
    read: () => {
      try {
        return JSON.parse(localStorage.getItem(key)) ?? {};
      } catch {
        return {};
      }
    },
    write: (value) => {
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        /* Storage is off: a reload without a line starts from the page as it was sent. */
      }
    },
  };
}

if (root) {
  const at = (name) => root.querySelector(`[data-clock="${name}"]`);
  const segments = [...root.querySelectorAll("[data-segment]")];
  const cue = root.querySelector("[data-cue]");
  const now = root.querySelector("[data-now]");
  const acknowledge = root.querySelector("[data-acknowledge]");
  const waiting = root.querySelector("[data-waiting]");
  const followServer = root.dataset.follow === "server";
  const kept = memory(`unknot.session.${root.dataset.session}`);
  let base = Number(root.dataset.elapsed ?? 0);
  let since = performance.now();
  let running = root.dataset.running === "true";
  let lastSeq = 0;
  let freshTimer = 0;
  let pressedAt = performance.now() - Number(waiting?.dataset.waiting ?? 0) * 1000;

  const elapsed = () => base + (running ? (performance.now() - since) / 1000 : 0);
  const put = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  function setClock(seconds) {
    base = seconds;
    since = performance.now();
    keepAll();
  }

  function keepAll() {
    if (!followServer) return;
    const steps = segments.map(({ dataset }) => [dataset.key, dataset.state, dataset.from, dataset.to]);
    const made = [root.dataset.made, root.dataset.keptMade];
    kept.write({ made, start: Date.now() - elapsed() * 1000, part: root.dataset.part, steps, seq: lastSeq });
  }

  function recall() {
    const known = kept.read();
    if (!followServer || !known.made?.includes(root.dataset.made)) return keepAll();
    for (const [key, state, from, to] of known.steps) {
      const segment = segments.find((one) => one.dataset.key === key);
      if (segment) Object.assign(segment.dataset, { state, from, to });
    }
    root.dataset.part = known.part;
    lastSeq = known.seq;
    setClock((Date.now() - known.start) / 1000);
    root.dispatchEvent(new CustomEvent("session:part", { detail: { key: known.part } }));
  }

  function draw() {
    const gone = elapsed();
    const end = segments.length ? Number(segments.at(-1).dataset.to) : 0;
    let current = null;
    for (const segment of segments) {
      const byClock = gone >= Number(segment.dataset.to) ? "done" : gone >= Number(segment.dataset.from) ? "current" : "todo";
      const state = followServer ? segment.dataset.state : byClock;
      if (segment.dataset.state !== state) segment.dataset.state = state;
      if (state !== "current") segment.removeAttribute("aria-current");
      if (state === "current") {
        segment.setAttribute("aria-current", "step");
        current = segment;
      }
    }
    const leftHere = (current ? Number(current.dataset.to) : end) - gone;
    put(at("session"), clockWords((followServer ? Number(at("progress")?.max ?? end) : end) - gone));
    put(at("segment"), clockWords(leftHere));
    put(at("elapsed"), clockWords(gone));
    if (at("progress")) at("progress").value = Math.min(gone, end);
    if (!followServer) put(root.querySelector("[data-current]"), current?.querySelector(".what")?.innerText.replace(/\n+/g, ": ") ?? "");
    if (now) {
      now.toggleAttribute("data-near", running && leftHere <= NEAR_SECONDS && leftHere > 0);
      now.toggleAttribute("data-over", running && leftHere <= 0);
      root.querySelector("[data-turn]").hidden = !(running && leftHere <= 0);
    }
    if (waiting) put(waiting, waiting.dataset.words.replace("{time}", clockWords((performance.now() - pressedAt) / 1000)));
  }

  function go(key) {
    const here = segments.findIndex((segment) => segment.dataset.key === key);
    if (here < 0) return;
    let cursor = Math.round(elapsed());
    segments.forEach(({ dataset }, i) => {
      const lasts = Number(dataset.minutes) * 60;
      if (i < here) {
        if (dataset.state === "current") dataset.to = cursor;
        if (dataset.state === "todo") dataset.from = dataset.to = cursor;
        dataset.state = "done";
        return;
      }
      dataset.state = i === here ? "current" : "todo";
      dataset.from = cursor;
      cursor += lasts;
      dataset.to = cursor;
    });
    root.dataset.part = key;
    keepAll();
    draw();
    root.dispatchEvent(new CustomEvent("session:part", { detail: { key } }));
  }

  function showComfort(event) {
    if (event.seq && event.seq <= lastSeq) return;
    lastSeq = event.seq ?? lastSeq;
    keepAll();
    showPrompts(event.prompts);
    if (cue.dataset.signal === "stop" && acknowledge && !acknowledge.hidden && event.signal !== "stop") return;
    offerAnswer(event);
    cue.dataset.signal = event.signal;
    cue.dataset.fresh = "";
    const word = cue.dataset[`word${event.signal[0].toUpperCase()}${event.signal.slice(1)}`] ?? event.signal;
    put(cue.querySelector("[data-cue-word]"), word);
    put(cue.querySelector("[data-cue-time]"), new Date(event.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }));
    clearTimeout(freshTimer);
    freshTimer = setTimeout(() => delete cue.dataset.fresh, event.signal === "stop" ? FRESH_MS * 30 : FRESH_MS);
  }

  function showPrompts(prompts) {
    const place = root.querySelector("[data-prompts]");
    if (!place || !prompts) return;
    place.replaceChildren(
      ...prompts.map((text) => {
        const line = document.createElement("p");
        line.textContent = text;
        return line;
      }),
    );
  }

  function offerAnswer(event) {
    if (!acknowledge) return;
    acknowledge.hidden = event.signal === "same" || Boolean(event.spoken);
    acknowledge.querySelector("[data-cue-seq]").value = event.seq ?? "";
    pressedAt = performance.now() - Number(event.waited ?? 0) * 1000;
  }

  function hearPart(told) {
    const behind = "pending" in root.dataset;
    if (root.dataset.part && told.part && told.part !== root.dataset.part) {
      if (!behind) go(told.part);
      return;
    }
    running = true;
    if (!behind) setClock(Number(told.elapsed));
    draw();
  }

  function listen(wait = 1000) {
    const stream = new EventSource(root.dataset.url);
    const line = root.querySelector("[data-line]");
    stream.onopen = () => {
      wait = 1000;
      if (line) line.hidden = true;
      root.dispatchEvent(new CustomEvent("session:line"));
    };
    stream.addEventListener("comfort", (event) => cue && showComfort(JSON.parse(event.data)));
    stream.addEventListener("plan", () => {
      if ("pending" in root.dataset) root.dataset.stale = "";
      else location.reload();
    });
    stream.addEventListener("segment", (event) => hearPart(JSON.parse(event.data)));
    stream.addEventListener("ended", () => {
      stop();
      stream.close();
      root.dispatchEvent(new CustomEvent("session:ended"));
      if (followServer && !("pending" in root.dataset) && !("leaving" in root.dataset)) location.reload();
    });
    stream.onerror = () => {
      if (line) line.hidden = false;
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(Math.min(wait * 2, 15000)), wait);
    };
  }

  function stop() {
    base = elapsed();
    running = false;
    draw();
  }

  async function stayAwake() {
    const notice = root.querySelector("[data-asleep]");
    if (document.visibilityState !== "visible") return;
    const awake = await navigator.wakeLock?.request("screen").catch(() => null);
    if (notice) notice.hidden = Boolean(awake);
  }

  document.addEventListener("visibilitychange", stayAwake);
  root.addEventListener("session:go", (event) => go(event.detail.key));
  root.addEventListener("session:stop", stop);
  root.addEventListener("session:kept", keepAll);
  stayAwake();
  if (root.dataset.url) listen();
  addEventListener("load", recall); // after the other module listens
  draw();
  setInterval(draw, 1000);
}
