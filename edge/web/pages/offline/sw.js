// Keeps one page for a phone that has lost the store's network. Nothing of anybody's is kept.
'use strict';
const KEPT = 'storekeeper-1', PAGE = '/offline';
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.add(new Request(PAGE, {cache: 'reload'}))).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
self.addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate' || event.request.method !== 'GET') return;
  event.respondWith(fetch(event.request).catch((error) => caches.match(PAGE).then((kept) => {
    if (!kept) throw error;
    return kept;
  })));
});
