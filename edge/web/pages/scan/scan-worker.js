// Decodes camera frames where the browser has no BarcodeDetector. A worker of its own, so that the picture never stands still.
'use strict';
var OPTIONS = {
  formats: ['EAN13', 'EAN8', 'UPCA', 'UPCE', 'Code128', 'ITF14', 'DataBar', 'QRCode', 'DataMatrix'],
  tryHarder: true,
  tryDownscale: true,
  maxNumberOfSymbols: 8
};

// Codes of GS1 element strings, by the identifier that readers give them (ISO/IEC 15424).
var GS1 = /^\](C1|e0|d2|Q3)$/;

// Element strings keep their separators, which the text for people does not have.
// A QR code without a declared character set is UTF-8 or, in China, GB18030; any other guess makes nonsense of it.
function words(code) {
  if (GS1.test(code.symbologyIdentifier)) return String.fromCharCode.apply(null, code.bytes);
  if (code.symbology !== 'QRCode' || code.hasECI) return code.text;
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(code.bytes);
  } catch (notUtf8) {
    return new TextDecoder('gb18030').decode(code.bytes);
  }
}

// Its middle, how long it is and how much of the picture it takes, in pixels.
function place(corners) {
  var a = corners.topLeft, b = corners.topRight, c = corners.bottomRight, e = corners.bottomLeft;
  return {
    x: (a.x + b.x + c.x + e.x) / 4,
    y: (a.y + b.y + c.y + e.y) / 4,
    length: Math.hypot(b.x - a.x, b.y - a.y),
    area: Math.abs((c.x - a.x) * (e.y - b.y) - (e.x - b.x) * (c.y - a.y)) / 2
  };
}

function begin(lib, wasm) {
  importScripts(lib);
  return ZXingWASM.prepareZXingModule({overrides: {locateFile: function () { return wasm; }}, fireImmediately: true});
}

self.onmessage = function (event) {
  var asked = event.data;
  if (asked.lib) {
    // importScripts throws at once, the rest fails later: both are the same to the page.
    new Promise(function (done) { done(begin(asked.lib, asked.wasm)); }).then(
      function () { self.postMessage({ready: true}); },
      function () { self.postMessage({failed: true}); }
    );
    return;
  }
  ZXingWASM.readBarcodes(new ImageData(new Uint8ClampedArray(asked.pixels), asked.width, asked.height), OPTIONS).then(
    function (found) {
      self.postMessage({
        codes: found.filter(function (code) { return code.isValid; }).map(function (code) {
          return {
            text: words(code),
            symbology: code.format,
            gs1: GS1.test(code.symbologyIdentifier),
            at: place(code.position)
          };
        })
      });
    },
    function () { self.postMessage({codes: []}); }
  );
};
