/* The service worker of one session screen (its scope is that address): the network first, what is kept when there is none.
   A kept page is given for twelve hours at most, and dropped when the server says that the session is over. */

const CACHE = "unknot-session";
const LONGEST_MS = 12 * 60 * 60 * 1000;
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function keptAnswer(request) {
  const found = await caches.match(request, { cacheName: CACHE });
  const age = Date.now() - Date.parse(found?.headers.get("Date") ?? "");
  return found && !(age > LONGEST_MS) ? found : null;
}

async function page(request) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(request, { signal: patience.signal });
    if (answer.status >= 500) return (await keptAnswer(request)) ?? answer;
    const kept = await caches.open(CACHE);
    if (answer.ok) await kept.put(request, answer.clone());
    else await kept.delete(request); // over, or not theirs
    return answer;
  } catch (error) {
    const found = await keptAnswer(request);
    if (found) return found;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(request, { cacheName: CACHE });
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.href.startsWith(self.registration.scope) && url.pathname.endsWith("/session/")) {
    event.respondWith(page(request));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});
