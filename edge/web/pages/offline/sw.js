// Keeps one page for a phone that has lost the store's network: its owner's code, and what opens their doors.
'use strict';
const KEPT = 'storekeeper-2', PAGE = '/offline', FRESH = 60000;
let at = 0, owner = 0;
async function keep() {
  const whose = owner, answer = await fetch(new Request(PAGE, {cache: 'reload', credentials: 'same-origin'}));
  if (!answer.ok || answer.redirected) return;
  const kept = await caches.open(KEPT);
  if (whose !== owner) return;
  await kept.put(PAGE, answer);
  at = Date.now();
}
function forget() {
  at = 0;
  owner += 1;
  return caches.delete(KEPT);
}
self.addEventListener('install', (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
self.addEventListener('fetch', (event) => {
  const asked = event.request;
  if (asked.mode !== 'navigate') return;
  // A form may change whose phone this is: what was kept is gone before it is sent, what is on its way until it is
  // answered is not kept, and it is fetched with the next page.
  if (asked.method !== 'GET') {
    event.respondWith(forget().then(() => fetch(asked)).finally(forget));
    return;
  }
  event.respondWith(fetch(asked).then((answer) => {
    if (Date.now() - at > FRESH) event.waitUntil(keep().catch(() => {}));
    return answer;
  }).catch((error) => caches.match(PAGE).then((kept) => {
    if (!kept) throw error;
    return kept;
  })));
});
