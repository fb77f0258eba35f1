/* Marks of a session screen that was closed before the line came back (session-marks.js keeps them in IndexedDB): sent from
   the pages of the visit, so that nothing written down without a line stays behind on the device.

   <p data-left-marks hidden> shown once they have arrived. The page's own csrf token is used; each mark knows its address. */

const MOST = 50;

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

async function sendAll(token) {
  const store = await openStore();
  let sent = 0;
  const rows = (await asked(store("readonly").getAll())).filter((mark) => mark.url);
  for (const url of new Set(rows.map((mark) => mark.url))) {
    const own = rows.filter((mark) => mark.url === url);
    for (let i = 0; i < own.length; i += MOST) {
      const batch = own.slice(i, i + MOST);
      const marks = JSON.stringify(batch.map(({ id, kind, content, at }) => ({ id, kind, content, at })));
      const body = new URLSearchParams({ csrfmiddlewaretoken: token, sent_at: new Date().toISOString(), marks });
      const answer = await fetch(url, { method: "POST", body });
      if (!answer.ok || answer.redirected) break; // kept for the next page
      for (const mark of batch) await asked(store("readwrite").delete(mark.n));
      sent += batch.length;
    }
  }
  return sent;
}

const notice = document.querySelector("[data-left-marks]");
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
if (notice && token && window.indexedDB) {
  sendAll(token)
    .then((sent) => (notice.hidden = sent === 0))
    .catch(() => {}); // no line yet: the next page tries again
}
