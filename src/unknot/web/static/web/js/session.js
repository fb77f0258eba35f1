/* The therapist's session screen: a clock that follows the plan, and the client's comfort signals as a silent cue.

   <main data-session data-elapsed="754" data-running="true" data-url="/.../stream">   seconds since the start, by the server
     <span data-clock="segment">, <span data-clock="session">, <progress data-clock="progress" max="3600">
     <p data-current> words of the current segment; <p data-next> words of the next
     <li data-segment data-from="0" data-to="420"> (web/parts/segment_list.html)
     <div data-cue role="status"><span data-cue-word></span><span data-cue-time></span></div>  data-word-lighter="Lighter" ...

     <div data-prompts> lines for the therapist; <form data-acknowledge hidden> with <input data-cue-seq>: the answer to a tap

   Server-sent events: `comfort` {"id", "signal", "at", "seq", "prompts"}, `segment` {"elapsed", "part"} (the clock was set),
   `ended` {}. An open stop stays on the screen until it is answered, whatever comes after it.
   data-follow="server": the server says which segment is current (data-state), and time over its plan shows with a plus;
   data-part names it, and the page loads anew when another screen went on. <progress max> is then the booked time.
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
  const acknowledge = root.querySelector("[data-acknowledge]");
  const followServer = root.dataset.follow === "server";
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
      const byClock = now >= Number(segment.dataset.to) ? "done" : now >= Number(segment.dataset.from) ? "current" : "todo";
      const state = followServer ? segment.dataset.state : byClock;
      if (segment.dataset.state !== state) segment.dataset.state = state;
      if (state !== "current") segment.removeAttribute("aria-current");
      if (state === "current") {
        segment.setAttribute("aria-current", "step");
        current = segment;
      }
    }
    put(at("session"), clockWords((followServer ? Number(at("progress")?.max ?? end) : end) - now));
    put(at("segment"), clockWords((current ? Number(current.dataset.to) : end) - now));
    if (at("progress")) at("progress").value = Math.min(now, end);
    if (!followServer) put(root.querySelector("[data-current]"), current?.querySelector(".what")?.innerText.replace(/\n+/g, ": ") ?? "");
  }

  function showComfort(event) {
    if (event.seq && event.seq <= lastSeq) return;
    lastSeq = event.seq ?? lastSeq;
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
    acknowledge.hidden = event.signal === "same";
    acknowledge.querySelector("[data-cue-seq]").value = event.seq ?? "";
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
      const told = JSON.parse(event.data);
      if (root.dataset.part && told.part && told.part !== root.dataset.part) return location.reload();
      base = Number(told.elapsed);
      since = performance.now();
      running = true;
      draw();
    });
    stream.addEventListener("ended", () => {
      running = false;
      stream.close();
      if (followServer) location.reload();
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
