/* Keeps the session screen itself on the device while a session runs, so that it can be loaded again without a line.
   Only where the browser allows a service worker (https, or this machine). The worker serves this one address and its style
   sheets and scripts; everything kept is deleted when the session has ended, and after twelve hours in any case.

   [data-session] data-worker="/session-worker.js"; listens to `session:clean` and `session:ended`, says `session:kept`. */

const CACHE = "unknot-session";
const root = document.querySelector("[data-session][data-worker]");

async function keepPage() {
  const kept = await caches.open(CACHE);
  const used = performance.getEntriesByType("resource").map((one) => new URL(one.name));
  const files = used.filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
  for (const old of await kept.keys()) {
    if (new URL(old.url).pathname.endsWith("/session/") && old.url !== location.href) await kept.delete(old);
  }
  await kept.addAll([...new Set(files.map(String))]);
  await kept.add(new Request(location.href, { cache: "no-store" }));
  const copy = await (await kept.match(location.href)).text();
  root.dataset.keptMade = new DOMParser().parseFromString(copy, "text/html").querySelector("[data-session]").dataset.made;
  root.dispatchEvent(new CustomEvent("session:kept"));
  root.dataset.cached = "";
}

async function clean() {
  await caches.delete(CACHE);
  const registered = await navigator.serviceWorker.getRegistration(location.pathname);
  await registered?.unregister();
}

async function start() {
  await navigator.serviceWorker.register(root.dataset.worker, { scope: location.pathname });
  await navigator.serviceWorker.ready;
  await keepPage();
}

if (root && "serviceWorker" in navigator && "caches" in window) {
  root.addEventListener("session:clean", () => clean().catch(() => {}));
  root.addEventListener("session:ended", () => "pending" in root.dataset || clean().catch(() => {}));
  addEventListener("load", () => start().catch(() => {})); // without it the open page still works through a lost line
}
