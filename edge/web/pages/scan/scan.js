// The scan page's camera. Frames are decoded on the phone and forgotten; what a code says is all that is ever sent.
(function () {
  'use strict';
  // How many frames must agree: matrix codes correct themselves, a short linear code is easily imagined.
  var NEED = {QRCode: 1, DataMatrix: 1, EAN8: 3, UPCE: 3, ITF: 3, ITF14: 3};
  var AGREE_MS = 1500;
  var LINEAR = /^(EAN|UPC|Code|ITF)/;
  // Linear codes whose middles are closer than this part of their length are looks at one and the same.
  var NEAR = 0.6;
  var SIDE = 960;
  var NATIVE = {
    ean_13: 'EAN13', ean_8: 'EAN8', upc_a: 'UPCA', upc_e: 'UPCE',
    code_128: 'Code128', itf: 'ITF', qr_code: 'QRCode', data_matrix: 'DataMatrix'
  };
  // As the store's own scanners and cameras name them.
  var NAMES = {
    EAN13: 'ean13', EAN8: 'ean8', UPCA: 'upca', UPCE: 'upce',
    Code128: 'code128', ITF: 'itf', ITF14: 'itf', QRCode: 'qr', DataMatrix: 'datamatrix'
  };
  var GS1_NAMES = {Code128: 'gs1-128', QRCode: 'gs1-qr', DataMatrix: 'gs1-datamatrix'};

  var byId = function (id) { return document.getElementById(id); };
  var words = JSON.parse(byId('words').textContent);
  var box = byId('camera'), finder = byId('finder'), tell = byId('tell'), button = byId('open'), torch = byId('torch');
  var instead = byId('instead'), found = byId('found'), video = finder.querySelector('video');
  var canvas = document.createElement('canvas');
  var stream = null, decoding = null, votes = {};
  // Every start and stop is a new turn: an answer to an earlier one finds that it is out of date.
  var turn = 0;

  function say(key, bad) {
    tell.textContent = words[key];
    tell.className = bad ? 'say bad' : 'lead';
  }

  function press(key, quiet) {
    button.textContent = words[key];
    button.className = quiet ? 'btn two' : 'btn';
    button.disabled = false;
  }

  function stop() {
    turn += 1;
    votes = {};
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    video.srcObject = null;
    finder.className = 'finder idle';
    torch.className = 'hide';
    torch.setAttribute('aria-pressed', 'false');
    press('open');
  }

  function giveUp(key) {
    stop();
    say(key, true);
    instead.className = 'card';
    byId('because').className = 'hide';
  }

  // ---- decoding: the browser's own detector where it reads all we need, else the gateway's, loaded now

  function native(formats) {
    var detector = new BarcodeDetector({formats: formats});
    return function () {
      return detector.detect(canvas).then(function (codes) {
        return codes.map(function (code) {
          var place = code.boundingBox;
          return {
            text: code.rawValue,
            symbology: NATIVE[code.format],
            at: {
              x: place.x + place.width / 2,
              y: place.y + place.height / 2,
              length: Math.max(place.width, place.height),
              area: place.width * place.height
            }
          };
        });
      });
    };
  }

  function ours() {
    return new Promise(function (ready, failed) {
      var worker = new Worker(box.dataset.worker);
      worker.onerror = failed;
      worker.onmessage = function (event) {
        if (event.data.failed) failed(event); else ready(asking(worker));
      };
      worker.postMessage({lib: new URL(box.dataset.lib, location).href, wasm: new URL(box.dataset.wasm, location).href});
    });
  }

  function asking(worker) {
    return function (picture) {
      return new Promise(function (done) {
        worker.onmessage = function (event) { done(event.data.codes); };
        var pixels = picture.data.buffer;
        worker.postMessage({pixels: pixels, width: picture.width, height: picture.height}, [pixels]);
      });
    };
  }

  function decoder() {
    var wanted = Object.keys(NATIVE);
    var supported = window.BarcodeDetector ? BarcodeDetector.getSupportedFormats() : Promise.resolve([]);
    decoding = decoding || supported.catch(function () { return []; }).then(function (has) {
      return wanted.every(function (format) { return has.indexOf(format) >= 0; }) ? native(wanted) : ours();
    });
    // One that could not be loaded is tried again with the next tap.
    decoding.catch(function () { decoding = null; });
    return decoding;
  }

  // The square that the shopper sees, no larger than the decoder needs.
  function grab() {
    var width = video.videoWidth, height = video.videoHeight;
    var cut = Math.min(width, height), side = Math.min(cut, SIDE);
    canvas.width = canvas.height = side;
    var pen = canvas.getContext('2d', {willReadFrequently: true});
    pen.drawImage(video, (width - cut) / 2, (height - cut) / 2, cut, cut, 0, 0, side, side);
    return pen.getImageData(0, 0, side, side);
  }

  function apart(one, other) {
    return Math.hypot(one.x - other.x, one.y - other.y);
  }

  // A slanted look across an EAN-13 reads as another one, check digit and all, frame after frame; but less of it agrees.
  function ghost(code, codes) {
    return LINEAR.test(code.symbology) && codes.some(function (other) {
      return LINEAR.test(other.symbology) && other.text !== code.text && other.at.area > code.at.area &&
        apart(code.at, other.at) < NEAR * Math.max(code.at.length, other.at.length);
    });
  }

  // Notes what a frame says: each code once, the nearest to the middle first.
  function note(codes) {
    var now = Date.now(), middle = {x: canvas.width / 2, y: canvas.height / 2}, seen = {};
    Object.keys(votes).forEach(function (key) {
      votes[key].times = votes[key].times.filter(function (at) { return now - at < AGREE_MS; });
      if (!votes[key].times.length) delete votes[key];
    });
    codes.sort(function (one, other) { return apart(one.at, middle) - apart(other.at, middle); });
    return codes.filter(function (code) {
      var key = code.symbology + ' ' + code.text;
      if (!code.text || seen[key] || ghost(code, codes)) return false;
      seen[key] = true;
      votes[key] = {code: code, times: (votes[key] ? votes[key].times : []).concat(now)};
      return true;
    });
  }

  // The first that so many frames agree on, and so many more than on anything else at its place.
  function agreed(codes) {
    return note(codes).filter(function (code) {
      var key = code.symbology + ' ' + code.text, rivals = 0;
      Object.keys(votes).forEach(function (other) {
        var rival = votes[other];
        if (other === key || !LINEAR.test(code.symbology) || !LINEAR.test(rival.code.symbology)) return;
        if (apart(rival.code.at, code.at) < NEAR * code.at.length) rivals = Math.max(rivals, rival.times.length);
      });
      return votes[key].times.length - rivals >= (NEED[code.symbology] || 2);
    })[0];
  }

  function look(decode, mine) {
    if (mine !== turn) return;
    var again = function () { setTimeout(look, 30, decode, mine); };
    if (!video.videoWidth) {
      again();
      return;
    }
    decode(grab()).then(function (codes) {
      if (mine !== turn) return;
      var code = agreed(codes);
      if (!code) {
        again();
        return;
      }
      if (navigator.vibrate) navigator.vibrate(60);
      stop();
      ask(code);
    }, again);
  }

  // ---- the camera

  function start() {
    stop();
    var mine = turn;
    found.className = 'card hide';
    box.classList.remove('done');
    button.disabled = true;
    say('starting');
    var loaded = decoder();
    loaded.catch(function () {});
    navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {facingMode: {ideal: 'environment'}, width: {ideal: 1280}, height: {ideal: 720}}
    }).then(function (given) {
      opened(given, loaded, mine);
    }, function (error) {
      if (mine === turn) giveUp(refusal(error.name));
    });
  }

  function refusal(name) {
    if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
    return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'no_camera' : 'camera_busy';
  }

  function opened(given, loaded, mine) {
    if (mine !== turn || document.hidden) {
      // Left while the browser was asking: nobody looks any more.
      if (mine === turn) leave();
      given.getTracks().forEach(function (track) { track.stop(); });
      return;
    }
    var track = given.getVideoTracks()[0];
    var can = track.getCapabilities ? track.getCapabilities() : {};
    stream = given;
    video.srcObject = given;
    video.play().catch(function () {});
    track.onended = function () { if (mine === turn) giveUp('camera_lost'); };
    if (can.torch) torch.className = '';
    if (can.focusMode && can.focusMode.indexOf('continuous') >= 0) {
      track.applyConstraints({advanced: [{focusMode: 'continuous'}]}).catch(function () {});
    }
    finder.className = 'finder live';
    press('stop', true);
    loaded.then(function (decode) {
      if (mine !== turn) return;
      say('hold');
      look(decode, mine);
    }, function () {
      if (mine === turn) giveUp('decoder_lost');
    });
  }

  function leave() {
    stop();
    say('lead');
  }

  // ---- what it is

  function put(parent, tag, name, text) {
    var made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    return parent.appendChild(made);
  }

  function sign(reading) {
    if (reading.refused) return ' no';
    var nowhere = !reading.next.href && (reading.kind === 'unknown' || reading.kind === 'product');
    return nowhere ? ' unsure' : '';
  }

  function buys(reading) { return reading.kind === 'product' && reading.next.href.indexOf('/p/') === 0; }

  function once() {
    var bytes = Array.prototype.slice.call(crypto.getRandomValues(new Uint8Array(16)));
    var text = bytes.map(function (byte) { return (byte + 256).toString(16).slice(1); }).join('');
    return text.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
  }

  // As the page without a camera sends it: the code itself, because a bag's label has its weight in it.
  function basket(entry, code) {
    var form = document.createElement('form');
    var fields = {do: 'add', request: once(), how: 'camera', code: code.text, symbology: name(code)};
    form.method = 'post';
    form.action = '/basket';
    Object.keys(fields).forEach(function (key) {
      var field = document.createElement('input');
      field.type = 'hidden';
      field.name = key;
      field.value = fields[key];
      form.appendChild(field);
    });
    put(form, 'button', 'btn', words.put);
    entry.insertBefore(form, entry.lastChild);
  }

  function show(readings, code) {
    found.textContent = '';
    readings.forEach(function (reading, rank) {
      var place = found.querySelector('.also') || found;
      if (rank === 1) {
        place = put(found, 'div', 'also', '');
        put(place, 'h3', '', words.also);
      }
      var entry = put(place, 'div', 'read' + sign(reading), '');
      put(entry, 'h2', '', reading.title);
      put(entry, 'p', 'why', reading.text);
      if (reading.next.href) {
        put(entry, 'a', rank || buys(reading) ? 'btn two' : 'btn', reading.next.label).href = reading.next.href;
        if (buys(reading)) basket(entry, code);
      }
    });
    found.className = 'card';
    box.classList.add('done');
    press('another', true);
    found.focus();
  }

  function name(code) {
    // UPC-E is written out as the UPC-A it stands for, and UPC-A with the zero that makes it an EAN-13.
    if (/^(EAN|UPC)/.test(code.symbology) && code.text.length === 13) return 'ean13';
    return (code.gs1 ? GS1_NAMES : NAMES)[code.symbology] || 'gs1-databar';
  }

  function ask(code) {
    var symbology = name(code);
    button.disabled = true;
    say('asking');
    fetch('/api/v1/codes/read?lang=' + document.documentElement.lang, {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({text: code.text, symbology: symbology})
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (response.ok) show(answer.readings, code); else refused(answer.detail);
      });
    }).catch(function () { refused(words.lost); });
  }

  function refused(sentence) {
    tell.textContent = sentence;
    tell.className = 'say bad';
    press('another');
  }

  button.addEventListener('click', function () { if (stream) leave(); else start(); });
  torch.addEventListener('click', function () {
    var on = torch.getAttribute('aria-pressed') !== 'true';
    stream.getVideoTracks()[0].applyConstraints({advanced: [{torch: on}]}).then(
      function () { torch.setAttribute('aria-pressed', String(on)); },
      function () { torch.className = 'hide'; }
    );
  });
  document.addEventListener('visibilitychange', function () { if (document.hidden && stream) leave(); });
  window.addEventListener('pagehide', function () { if (stream) leave(); });

  if (window.isSecureContext && navigator.mediaDevices && navigator.mediaDevices.getUserMedia && window.Worker) {
    box.className = 'card';
    instead.className = 'card hide';
  } else {
    byId('because').textContent = words[window.isSecureContext ? 'no_camera_here' : 'insecure'];
  }
})();
