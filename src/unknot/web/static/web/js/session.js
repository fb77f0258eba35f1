/* The therapist's session screen: a clock that follows the plan, and the client's comfort signals as a silent cue.

   <main data-session data-elapsed="754" data-running="true" data-url="/.../stream">   seconds since the start, by the server
     <span data-clock="segment">, <span data-clock="session">, <progress data-clock="progress" max="3600">
     <p data-current> words of the current segment; <p data-next> words of the next
     <li data-segment data-from="0" data-to="420"> (web/parts/segment_list.html)
     <div data-cue role="status"><span data-cue-word></span><span data-cue-time></span></div>  data-word-lighter="Lighter" ...

   Server-sent events: `comfort` {"id", "signal", "at", "seq"}, `segment` {"elapsed"} (the clock was set), `ended` {}.
   The screen stays awake; a broken stream comes back by itself. */

const FRESH_MS = 20000;
const root = document.querySelector("[data-session]");

function clockWords(seconds) {
  const sign = seconds < 0 ? "+" : "";
  const whole = Math.abs(Math.round(seconds));
  return `${sign}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

if (root) {
  const at = (name) => root.querySelector(`[data-clock="${name}"]`);
  const segments = [...root.querySelectorAll("[data-segment]")];
  const cue = root.querySelector("[data-cue]");
  let base = Number(root.dataset.elapsed ?? 0);
  let since = performance.now();
  let running = root.dataset.running === "true";
  let lastSeq = 0;
  let freshTimer = 0;

  const elapsed = () => base + (running ? (performance.now() - since) / 1000 : 0);
  const put = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };

  function draw() {
    const now = elapsed();
    const end = segments.length ? Number(segments.at(-1).dataset.to) : 0;
    let current = null;
    for (const segment of segments) {
      const state = now >= Number(segment.dataset.to) ? "done" : now >= Number(segment.dataset.from) ? "current" : "todo";
      if (segment.dataset.state !== state) segment.dataset.state = state;
      if (state !== "current") segment.removeAttribute("aria-current");
      if (state === "current") {
        segment.setAttribute("aria-current", "step");
        current = segment;
      }
    }
    put(at("session"), clockWords(end - now));
    put(at("segment"), clockWords((current ? Number(current.dataset.to) : end) - now));
    if (at("progress")) at("progress").value = Math.min(now, end);
    put(root.querySelector("[data-current]"), current?.querySelector(".what")?.innerText.replace(/\n+/g, ": ") ?? "");
  }

  function showComfort(event) {
    if (event.seq && event.seq <= lastSeq) return;
    lastSeq = event.seq ?? lastSeq;
    cue.dataset.signal = event.signal;
    cue.dataset.fresh = "";
    const word = cue.dataset[`word${event.signal[0].toUpperCase()}${event.signal.slice(1)}`] ?? event.signal;
    put(cue.querySelector("[data-cue-word]"), word);
    put(cue.querySelector("[data-cue-time]"), new Date(event.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }));
    clearTimeout(freshTimer);
    freshTimer = setTimeout(() => delete cue.dataset.fresh, event.signal === "stop" ? FRESH_MS * 30 : FRESH_MS);
  }

  function listen(wait = 1000) {
    const stream = new EventSource(root.dataset.url);
    const line = root.querySelector("[data-line]");
    stream.onopen = () => {
      wait = 1000;
      if (line) line.hidden = true;
    };
    stream.addEventListener("comfort", (event) => cue && showComfort(JSON.parse(event.data)));
    stream.addEventListener("segment", (event) => {
      base = Number(JSON.parse(event.data).elapsed);
      since = performance.now();
      running = true;
      draw();
    });
    stream.addEventListener("ended", () => {
      running = false;
      stream.close();
    });
    stream.onerror = () => {
      if (line) line.hidden = false;
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(Math.min(wait * 2, 15000)), wait);
    };
  }

  const stayAwake = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  if (root.dataset.url) listen();
  draw();
  setInterval(draw, 1000);
}
