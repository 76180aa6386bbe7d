// A member's code, made here: no network is needed once the page is open. HMAC-SHA256 is also written out here:
// browsers lend theirs to https alone, and a store's own network often has none. The QR is always version 2-M: 38 letters fit.
(function () {
  var box = document.getElementById("code"), data = JSON.parse(document.getElementById("pass").textContent);
  if (!box) return;
  var EVERY = data.every, ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  var ahead = data.now - Date.now();

  function words(n, root) {
    var found = [], p = 2;
    for (; found.length < n; p++) {
      var prime = true;
      for (var d = 2; d * d <= p; d++) if (p % d === 0) { prime = false; break; }
      if (prime) { var x = Math.pow(p, root); found.push(((x - Math.floor(x)) * 4294967296) | 0); }
    }
    return found;
  }
  var K = words(64, 1 / 3), H0 = words(8, 1 / 2);
  function turn(x, n) { return (x >>> n) | (x << (32 - n)); }
  function sha256(bytes) {
    var m = bytes.slice(), h = H0.slice(), w = [], bits = bytes.length * 8, i, t;
    m.push(128);
    while (m.length % 64 !== 56) m.push(0);
    m.push(0, 0, 0, 0, bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255);
    for (i = 0; i < m.length; i += 64) {
      for (t = 0; t < 16; t++) w[t] = (m[i + 4 * t] << 24) | (m[i + 4 * t + 1] << 16) | (m[i + 4 * t + 2] << 8) | m[i + 4 * t + 3];
      for (t = 16; t < 64; t++) {
        var a1 = w[t - 15], b1 = w[t - 2];
        w[t] = (w[t - 16] + w[t - 7] + (turn(a1, 7) ^ turn(a1, 18) ^ (a1 >>> 3)) + (turn(b1, 17) ^ turn(b1, 19) ^ (b1 >>> 10))) | 0;
      }
      var s = h.slice();
      for (t = 0; t < 64; t++) {
        var e = s[4], a = s[0];
        var t1 = (s[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + K[t] + w[t]) | 0;
        var t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]))) | 0;
        s = [(t1 + t2) | 0, a, s[1], s[2], (s[3] + t1) | 0, e, s[5], s[6]];
      }
      for (t = 0; t < 8; t++) h[t] = (h[t] + s[t]) | 0;
    }
    var out = [];
    h.forEach(function (x) { out.push(x >>> 24, (x >>> 16) & 255, (x >>> 8) & 255, x & 255); });
    return out;
  }
  function ascii(text) { return text.split("").map(function (c) { return c.charCodeAt(0); }); }
  function hmac(key, text) {
    function pad(x) { var k = []; for (var i = 0; i < 64; i++) k.push((key[i] || 0) ^ x); return k; }
    return sha256(pad(0x5c).concat(sha256(pad(0x36).concat(ascii(text)))));
  }
  function base32(bytes) {
    var bits = "", out = "";
    bytes.forEach(function (b) { bits += ("0000000" + b.toString(2)).slice(-8); });
    for (var i = 0; i < bits.length; i += 5) out += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(bits.substr(i, 5), 2)];
    return out;
  }
  var secret = data.secret.match(/../g).map(function (x) { return parseInt(x, 16); });
  // By https the browser's own, with a key that no script can read any more; else ours.
  var subtle = window.isSecureContext && window.crypto && crypto.subtle, key = null;
  if (subtle && window.Promise) key = subtle.importKey("raw", new Uint8Array(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  function sign(body, then) {
    if (!key) return then(hmac(secret, body));
    key.then(function (k) { return subtle.sign("HMAC", k, new Uint8Array(ascii(body))); })
      .then(function (signed) { return Array.prototype.slice.call(new Uint8Array(signed)); })
      .catch(function () { key = null; return hmac(secret, body); }).then(then);
  }
  function code(second, then) {
    var body = "SK:" + data.pass + ":" + second.toString(36).toUpperCase();
    sign(body, function (signed) { then(body + ":" + base32(signed.slice(0, 10))); });
  }

  // QR, version 2, error correction M: 25 modules, 28 code words and 16 for correction.
  var exp = [], log = [];
  for (var x = 1, i = 0; i < 255; i++) { exp[i] = x; log[x] = i; x = x << 1; if (x > 255) x ^= 0x11d; }
  function times(a, b) { return a && b ? exp[(log[a] + log[b]) % 255] : 0; }
  function correction(words) {
    var g = [1], i, j;
    for (i = 0; i < 16; i++) {
      var next = g.concat(0);
      for (j = 0; j < g.length; j++) next[j + 1] ^= times(g[j], exp[i]);
      g = next;
    }
    var rest = words.concat([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (i = 0; i < words.length; i++) { var f = rest[i]; for (j = 0; j < g.length; j++) rest[i + j] ^= times(g[j], f); }
    return rest.slice(words.length);
  }
  function bits(n, width) { return ("0000000000000000" + n.toString(2)).slice(-width); }
  function stream(text) {
    var all = "0010" + bits(text.length, 9), i, out = [];
    for (i = 0; i + 1 < text.length; i += 2) all += bits(ALNUM.indexOf(text[i]) * 45 + ALNUM.indexOf(text[i + 1]), 11);
    if (i < text.length) all += bits(ALNUM.indexOf(text[i]), 6);
    all = (all + "0000").slice(0, 224);
    while (all.length % 8) all += "0";
    for (var fill = 0; all.length < 224; fill ^= 1) all += fill ? "00010001" : "11101100";
    for (i = 0; i < 224; i += 8) out.push(parseInt(all.substr(i, 8), 2));
    return out.concat(correction(out)).map(function (b) { return bits(b, 8); }).join("") + "0000000";
  }
  var N = 25, MASKS = [
    function (r, c) { return (r + c) % 2; }, function (r) { return r % 2; }, function (r, c) { return c % 3; },
    function (r, c) { return (r + c) % 3; }, function (r, c) { return ((r >> 1) + Math.floor(c / 3)) % 2; },
    function (r, c) { return (r * c) % 2 + (r * c) % 3; }, function (r, c) { return ((r * c) % 2 + (r * c) % 3) % 2; },
    function (r, c) { return ((r + c) % 2 + (r * c) % 3) % 2; }];
  function frame(mask) {
    var m = [], r, c;
    for (r = 0; r < N; r++) m.push(new Array(N));
    function square(top, left, size, on) {
      for (var r = -1; r <= size; r++) for (var c = -1; c <= size; c++)
        if (m[top + r] && top + r < N && left + c >= 0 && left + c < N) m[top + r][left + c] = on(r, c);
    }
    function finder(r, c) { var d = Math.max(Math.abs(r - 3), Math.abs(c - 3)); return d !== 2 && d !== 4 ? 1 : 0; }
    square(0, 0, 7, finder); square(0, 18, 7, finder); square(18, 0, 7, finder);
    for (r = -2; r <= 2; r++) for (c = -2; c <= 2; c++) m[18 + r][18 + c] = Math.max(Math.abs(r), Math.abs(c)) === 1 ? 0 : 1;
    for (r = 8; r < 17; r++) m[6][r] = m[r][6] = (r + 1) % 2;
    var rest = 0, info;
    for (r = 0, rest = mask; r < 10; r++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    info = (mask << 10 | rest) ^ 0x5412;  // level M is 00
    for (r = 0; r < 15; r++) {
      var bit = info >> r & 1;
      if (r < 8) m[r < 6 ? r : r + 1][8] = m[8][N - 1 - r] = bit;
      else { m[8][r === 8 ? 7 : 14 - r] = bit; m[N - 15 + r][8] = bit; }
    }
    m[17][8] = 1;
    return m;
  }
  function place(m, data, mask) {
    var at = 0, up = true;
    for (var right = N - 1; right > 0; right -= 2) {
      if (right === 6) right = 5;
      for (var step = 0; step < N; step++) for (var k = 0; k < 2; k++) {
        var r = up ? N - 1 - step : step, c = right - k;
        if (m[r][c] === undefined) m[r][c] = +data[at++] ^ (MASKS[mask](r, c) === 0 ? 1 : 0);
      }
      up = !up;
    }
    return m;
  }
  function ugly(m) {
    var points = 0;
    function runs(line) { (line.match(/0{5,}|1{5,}/g) || []).forEach(function (run) { points += run.length - 2; }); points += 40 * (line.split("10111010000").length + line.split("00001011101").length - 2); }
    for (var r = 0; r < N; r++) {
      runs(m[r].join("")); runs(m.map(function (row) { return row[r]; }).join(""));
      for (var c = 0; r + 1 < N && c + 1 < N; c++) if (m[r][c] === m[r][c + 1] && m[r][c] === m[r + 1][c] && m[r][c] === m[r + 1][c + 1]) points += 3;
    }
    return points;
  }
  function qr(text) {
    var data = stream(text), best = null, least = Infinity;
    for (var mask = 0; mask < 8; mask++) {
      var m = place(frame(mask), data, mask), points = ugly(m);
      if (points < least) { least = points; best = m; }
    }
    return best;
  }
  function draw(text) {
    var m = qr(text), path = "";
    for (var r = 0; r < N; r++) for (var c = 0; c < N; c++) if (m[r][c]) path += "M" + (c + 2) + " " + (r + 2) + "h1v1h-1z";
    // Two modules of quiet zone here, and the white card around it is the rest.
    var svg = '<svg viewBox="0 0 29 29" role="img" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h29v29H0z"/><path fill="#14231c" d="' + path + '"/></svg>';
    box.innerHTML = svg;
    box.firstChild.setAttribute("aria-label", box.getAttribute("data-name"));
  }
  var shown = 0, bar = document.getElementById("left");
  function tick() {
    var now = (Date.now() + ahead) / 1000, second = Math.floor(now / EVERY) * EVERY;
    if (second !== shown) {
      shown = second;
      code(second, function (text) { if (second === shown) { box.setAttribute("data-code", text); draw(text); } });
    }
    if (bar) bar.style.transform = "scaleX(" + (1 - (now - second) / EVERY) + ")";
  }
  function again() {  // the store's clock, where there is a network: a phone's may be wrong
    var asked = Date.now();
    fetch("/wallet/code/now", { cache: "no-store" }).then(function (r) { return r.json(); }).then(function (r) {
      if (Date.now() - asked < 2000) { ahead = r.now - (asked + Date.now()) / 2; shown = 0; tick(); }
    }).catch(function () {});
  }
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { tick(); again(); } });
  setInterval(again, 120000);
  setInterval(tick, 250);
  tick();
})();
