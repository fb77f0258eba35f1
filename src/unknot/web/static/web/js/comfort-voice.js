/* The comfort screen by voice, for whoever wants it: off until the person starts it, and never needed.

   Speech is turned into words by the browser (Web Speech API). Where it says that it can do so on the device
   (`SpeechRecognition.available({processLocally: true})`), it is asked to, and the page says that no sound leaves the phone.
   Elsewhere the browser's maker does it: the page says so, and listening starts only after a separate yes. No sound and no
   sentence comes to us; a word that means one of the four signals presses its button, everything else is dropped here.

   [data-voice-part] with [data-voice-local] or [data-voice-away], [data-voice-agree] with [data-voice-yes], [data-voice-on],
   [data-voice-status]. Stays hidden where the browser has no recognition or allows no microphone (plain http). */

const WORDS = {
  stop: ["stop", "halt", "enough"],
  lighter: ["lighter", "softer", "less", "gentler", "too much", "too hard"],
  deeper: ["deeper", "firmer", "harder", "more"],
  same: ["just right", "same", "good", "perfect"],
};
const AGAIN_MS = 2500;
const form = document.querySelector("[data-comfort]");
const part = document.querySelector("[data-voice-part]");
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;

function meant(text) {
  const said = ` ${text.toLowerCase().replace(/[^a-z ]+/g, " ").replace(/ +/g, " ")} `;
  if (/ (not|don t|no) (more|harder|deeper) /.test(said)) return "lighter";
  return Object.keys(WORDS).find((signal) => WORDS[signal].some((word) => said.includes(` ${word} `)));
}

async function worksHere(lang) {
  try {
    return (await Recognition.available?.({ langs: [lang], processLocally: true })) === "available";
  } catch {
    return false;
  }
}

async function wire() {
  const at = (name) => part.querySelector(`[data-voice-${name}]`);
  const lang = document.documentElement.lang || "en-CA";
  const local = await worksHere(lang);
  const button = at("on");
  let listening = null;
  let last = { signal: "", at: -AGAIN_MS };

  const say = (key) => (at("status").textContent = at("status").dataset[key]);
  const allowed = () => local || at("yes").checked;

  function press(signal) {
    const now = performance.now();
    if (signal === last.signal && now - last.at < AGAIN_MS) return; // interim and final result of one word
    last = { signal, at: now };
    form.requestSubmit(form.querySelector(`button[name="signal"][value="${signal}"]`));
  }

  function hear(event) {
    for (let i = event.resultIndex; i < event.results.length; i += 1) {
      const signal = meant(event.results[i][0].transcript);
      if (signal && (signal === "stop" || event.results[i].isFinal)) press(signal); // a stop does not wait for the end
    }
  }

  function start() {
    const made = new Recognition();
    Object.assign(made, { lang, continuous: true, interimResults: true });
    if (local) made.processLocally = true;
    made.onresult = hear;
    made.onerror = (event) => {
      if (["not-allowed", "service-not-allowed"].includes(event.error)) stop("denied");
      else if (["audio-capture", "language-not-supported", "network"].includes(event.error)) stop("failed");
    };
    made.onend = () => listening === made && made.start(); // browsers end after a silence
    listening = made;
    made.start();
    shown(true);
    say("listening");
  }

  function stop(why) {
    const made = listening;
    listening = null;
    made?.abort();
    shown(false);
    say(why);
  }

  function shown(on) {
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? button.dataset.stop : button.dataset.start;
  }

  at(local ? "local" : "away").hidden = false;
  at("agree").hidden = local;
  button.disabled = !allowed();
  at("yes").addEventListener("change", () => {
    button.disabled = !allowed();
    if (!allowed() && listening) stop("off");
  });
  button.addEventListener("click", () => (listening ? stop("off") : allowed() && start()));
  document.addEventListener("visibilitychange", () => document.hidden && listening && stop("off"));
  part.hidden = false;
}

if (form && part && Recognition && window.isSecureContext) wire();
