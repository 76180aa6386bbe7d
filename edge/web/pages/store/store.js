/* The store page: draws the state that arrives, whole each time. No library, no build. */
(function () {
  'use strict';
  var page = JSON.parse(document.getElementById('words').textContent);
  var words = page.words, devices = {}, picked = null, newest = 0, history = [], quiet = 0, source = null;

  function $(id) { return document.getElementById(id); }
  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function clock(ms) { return new Date(ms).toLocaleTimeString('en-GB', { timeZone: page.timezone }); }
  function call(method, url, body) {
    return fetch(url, { method: method, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body ? JSON.stringify(body) : undefined });
  }

  /* health and totals */
  function health(id, good, yes, no) { $(id).className = good ? '' : 'bad'; $(id).textContent = good ? yes : no; }
  function tile(id, count, total) {
    var box = $('t-' + id);
    box.textContent = count;
    if (total !== undefined) box.appendChild(element('i', '', ' / ' + total));
  }
  function totals(state) {
    var all = state.devices, doors = [];
    function of(kind) { return all.filter(function (d) { return d.kind === kind; }); }
    function online(d) { return d.online; }
    of('locker').forEach(function (d) { Object.keys(d.doors).forEach(function (n) { doors.push(d.doors[n]); }); });
    tile('carts', of('cart').filter(function (d) { return !d.why; }).length, of('cart').length);
    tile('doors', doors.filter(function (state) { return state === 'free'; }).length, doors.length);
    tile('screens', of('screen').filter(online).length, of('screen').length);
    tile('printers', of('printer').filter(online).length, of('printer').length);
    tile('members', state.members);
    tile('claimed', state.claimed);
  }

  /* the plan */
  function plan(list) {
    list.forEach(function (device) {
      devices[device.id] = device;
      var mark = $('d-' + device.id);
      if (!mark) return;
      var chosen = mark.classList.contains('sel');
      mark.setAttribute('class', 'spot dev ' + device.kind + ' ' + device.mark + (chosen ? ' sel' : ''));
      mark.setAttribute('aria-label', device.label + ', ' + words['legend_' + device.mark]);
      var cells = mark.querySelectorAll('.door');
      Object.keys(device.doors).sort().forEach(function (name, i) {
        if (cells[i]) cells[i].setAttribute('class', 'door ' + device.doors[name]);
      });
    });
    if (picked && devices[picked]) { facts(devices[picked]); if (devices[picked].kind === 'locker') play(picked, 'locker'); }
  }

  /* what is wrong: a list, and the same numbers on the plan */
  var listed = '';
  function wrong(list) {
    var now = JSON.stringify(list);
    if (now === listed) return;
    listed = now;
    $('wrong').hidden = !list.length;
    $('wrong-title').textContent = list.length === 1 ? words.wrong_one : words.wrong.replace('{count}', list.length);
    $('wrong-list').textContent = '';
    Array.prototype.forEach.call(document.querySelectorAll('.no'), function (old) { old.parentNode.removeChild(old); });
    list.forEach(function (each, i) {
      var row = element('li'), about = element('span');
      row.appendChild(element('b', '', i + 1));
      about.appendChild(element('strong', '', each.title));
      about.appendChild(document.createTextNode(' ' + each.sentence));
      row.appendChild(about);
      $('wrong-list').appendChild(row);
      var mark = each.device && $('d-' + each.device);
      if (!mark || mark.querySelector('.no')) return;
      var box = mark.querySelector('.hit'), badge = document.createElementNS('http://www.w3.org/2000/svg', 'g');
      badge.setAttribute('class', 'no');
      badge.setAttribute('transform', 'translate(' + -box.width.baseVal.value / 2 + ' ' + box.y.baseVal.value + ')');
      badge.innerHTML = '<circle r="9"/><text y="4">' + (i + 1) + '</text>';
      mark.appendChild(badge);
    });
  }

  /* the drawer */
  function fact(list, name, value) { list.appendChild(element('dt', '', name)); list.appendChild(element('dd', '', value)); }
  function facts(device) {
    var list = element('dl'), state = device.state;
    if (device.why && words['why_' + device.why]) fact(list, words.state, words['why_' + device.why]);
    else if (device.kind !== 'locker' || device.mark !== 'out') fact(list, words.state, device.online ? words['legend_' + device.mark] : words.legend_away);
    if (state.lock) fact(list, words.lock, words['lock_' + state.lock]);
    if (state.docked !== undefined && state.docked !== null) fact(list, words.dock, state.docked ? words.docked_true : words.docked_false);
    if (device.battery !== null) fact(list, words.battery, words.percent.replace('{number}', Math.round(device.battery * 100)));
    if (state.paper) fact(list, words.paper, words['paper_' + state.paper]);
    var counts = {};
    Object.keys(device.doors).forEach(function (name) { counts[device.doors[name]] = (counts[device.doors[name]] || 0) + 1; });
    Object.keys(counts).sort().forEach(function (state) { fact(list, words['cell_' + state], counts[state]); });
    if (device.seen) fact(list, words.last_seen, clock(device.seen));
    $('d-facts').innerHTML = list.innerHTML;
  }
  var actions = { cart: ['return', 'jam', 'fix', 'drain'], printer: ['paper-out', 'paper-in'] };
  /* What a person in front of the bank could do now: fill and close the doors that are open, force one that is not. */
  function doorActs(device) {
    var names = Object.keys((device && device.doors) || {}).sort(), acts = [];
    names.forEach(function (n) { if (device.doors[n] === 'open') acts.push('fill-' + n, 'empty-' + n, 'close-' + n); });
    names.slice(0, acts.length ? 0 : 4).forEach(function (n) { acts.push('open-' + n); });
    return acts.slice(0, 9).concat(['mute', 'fix']);
  }
  var shownActs = '';
  function play(id, kind) {
    var box = $('d-play'), known = actions[kind] || [];
    if (kind === 'locker') known = doorActs(devices[id]);
    if (shownActs === id + known && box.firstChild) return;
    shownActs = id + known;
    box.innerHTML = '';
    if (!page.demo || !known.length) return;
    box.appendChild(element('h4', '', words.demo_actions));
    known.forEach(function (action) {
      var door = /^(open|close|fill|empty)-(.+)$/.exec(action);
      var label = door ? words['act_' + door[1]].replace('{door}', door[2]) : words['act_' + action.replace('-', '_')];
      var button = element('button', 'mini', label);
      button.onclick = function () { call('POST', '/api/v1/demo/devices/' + id + '/' + action).then(function () { button.textContent = '✓ ' + label; setTimeout(function () { button.textContent = label; }, 1200); }); };
      box.appendChild(button);
    });
  }
  function shopper(code) {
    $('drawer').classList.add('phone');
    $('phone').hidden = false;
    $('d-frame').src = '/t/' + code;
  }
  function code(id) {
    return call('GET', '/api/v1/touchpoints/' + id + '/code').then(function (answer) { return answer.ok ? answer.json() : null; });
  }
  function openDrawer(mark) {
    var id = mark.getAttribute('data-code'), kind = mark.getAttribute('data-kind'), device = devices[id];
    closeDrawer();
    picked = id;
    mark.classList.add('sel');
    $('d-title').textContent = mark.getAttribute('data-label');
    $('d-sub').textContent = (words['kind_' + kind] && device ? words['kind_' + kind] : words['purpose_' + kind] || '') + ' · ' + page.zones[mark.getAttribute('data-zone')] + ' · ' + id;
    $('d-facts').innerHTML = '';
    if (device) facts(device);
    play(id, device ? kind : '');
    $('d-codebox').hidden = true;
    $('d-shown').innerHTML = '';
    $('drawer').hidden = false;
    $('drawer').parentNode.classList.add('with');
    code(id).then(function (found) {
      if (!found || picked !== id) return;
      $('d-codebox').hidden = false;
      $('d-qr').src = '/qr/' + found.code + '.svg';
      $('d-qr').alt = words.legend_code + ': ' + mark.getAttribute('data-label');
      $('d-tab').href = '/t/' + found.code;
      $('d-shop').onclick = function () { shopper(found.code); };
      found.shown.forEach(function (offer, i) {
        var button = element('button', 'mini', offer.title);
        /* The code on a screen lives half a minute: fetch the one of this moment. */
        button.onclick = function () { code(id).then(function (now) { shopper(now.shown[i].code); }); };
        $('d-shown').appendChild(button);
      });
    });
  }
  function closeDrawer() {
    picked = null;
    $('drawer').hidden = true;
    $('drawer').parentNode.classList.remove('with');
    backToCode();
    var was = document.querySelector('.spot.sel');
    if (was) was.classList.remove('sel');
  }
  function backToCode() {
    $('phone').hidden = true;
    $('drawer').classList.remove('phone');
    $('d-frame').removeAttribute('src');
  }
  Array.prototype.forEach.call(document.querySelectorAll('.spot'), function (mark) {
    mark.addEventListener('click', function () { openDrawer(mark); });
    mark.addEventListener('keydown', function (event) { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); openDrawer(mark); $('d-close').focus(); } });
  });
  $('d-close').onclick = closeDrawer;
  $('d-back').onclick = backToCode;
  $('d-new').onclick = function () { call('DELETE', '/api/v1/session').then(function () { var at = $('d-frame').src; $('d-frame').src = at; }); };
  document.addEventListener('keydown', function (event) { if (event.key === 'Escape') closeDrawer(); });

  /* the queue */
  function queue(now, internet) {
    $('q-count').textContent = now.backlog;
    $('q-count').parentNode.className = now.backlog ? 'queue wait' : 'queue';
    $('q-words').textContent = now.backlog ? words.cloud_queue : words.cloud_none;
    $('q-position').textContent = words.cloud_position.replace('{acked}', now.acked).replace('{last}', now.last);
    $('q-state').textContent = words['cloud_' + now.state] || now.state;
    $('q-state').className = 'pill' + (now.state === 'diverged' || now.state === 'fenced' ? ' bad' : now.state === 'ok' ? '' : ' wait');
    if (internet !== null && $('net')) {
      $('net').setAttribute('aria-checked', internet ? 'true' : 'false');
      $('net-state').textContent = internet ? words.internet_on : words.internet_off;
      $('net').title = internet ? words.internet_cut : words.internet_back;
    }
  }
  function sample(backlog) {
    history.push(backlog);
    if (history.length > 120) history.shift();
    var top = Math.max.apply(null, history.concat([8])), step = 240 / 119;
    if (history.length < 2) return;
    var points = history.map(function (value, i) { return ((119 - history.length + 1 + i) * step).toFixed(1) + ' ' + (42 - 38 * value / top).toFixed(1); });
    var first = ((120 - history.length) * step).toFixed(1);
    $('q-line').querySelector('.stroke').setAttribute('d', 'M' + points.join('L'));
    $('q-line').querySelector('.area').setAttribute('d', 'M' + first + ' 44L' + points.join('L') + 'L240 44Z');
  }
  if ($('net')) $('net').onclick = function () {
    var to = $('net').getAttribute('aria-checked') !== 'true';
    call('POST', '/api/v1/demo/internet', { connected: to });
  };

  /* the journal */
  function tail(lines, acked) {
    var list = document.createDocumentFragment(), top = newest;
    lines.forEach(function (line) {
      var row = element('li', line.sequence > acked ? 'waiting' : '');
      if (/failed|lapsed|offline/.test(line.type)) row.classList.add('bad');
      if (newest && line.sequence > newest) row.classList.add('new');
      top = Math.max(top, line.sequence);
      row.title = line.type;
      row.appendChild(element('span', 'n', line.sequence));
      row.appendChild(element('span', 's', line.sentence));
      row.appendChild(element('time', '', clock(line.at)));
      list.appendChild(row);
    });
    newest = top;
    $('tail').textContent = '';
    $('tail').appendChild(list);
  }

  /* codes that a demo does not send */
  function messages(list) {
    $('sms').textContent = '';
    $('sms').hidden = !list.length;
    list.forEach(function (each) {
      var row = element('li', '');
      row.appendChild(element('span', '', words.sms.replace('{to}', each.to)));
      row.appendChild(element('b', '', each.code));
      row.appendChild(element('time', '', clock(each.at)));
      $('sms').appendChild(row);
    });
  }

  /* the kiosk's picture: of a demo's own kiosk live, and touched with the mouse; of every other screen now and then */
  var live = 0, missed = 0, glass = $('k-picture'), held = null, unsent = [], sending = false;
  function which() { return $('k-which') ? $('k-which').value : glass.getAttribute('data-device'); }
  function drawn(blob) {
    if (glass.src) URL.revokeObjectURL(glass.src);
    glass.hidden = !blob;
    $('k-none').hidden = !!blob;
    if (blob) glass.src = URL.createObjectURL(blob); else glass.removeAttribute('src');
    glass.className = blob && live ? 'live' : '';
    if ($('k-touch')) $('k-touch').hidden = $('k-large').hidden = !(blob && live);
  }
  function seen(device) {
    if (!page.demo) return Promise.resolve(null);
    return fetch('/api/v1/demo/screens/' + device + '/picture?after=' + live).then(function (answer) {
      if (answer.status === 404) return null;
      live = Number(answer.headers.get('X-Number')) || 0;
      missed = 0;
      return answer.status === 200 ? answer.blob() : null;
    });
  }
  function still(device) {
    live = 0;
    return fetch('/api/v1/devices/' + device + '/snapshot').then(function (answer) { return answer.status === 200 ? answer.blob() : null; });
  }
  function picture() {
    var device = which(), was = live;
    if (document.hidden || !device) { setTimeout(picture, 2000); return; }
    /* a kiosk that is slow for once is touched all the same */
    seen(device).then(function (blob) { return blob || (live && ++missed < 4 ? null : still(device)); }).catch(function () { live = 0; return null; }).then(function (blob) {
      if (device !== which()) { live = 0; blob = null; }
      if (!(live && live === was && glass.src)) drawn(blob);
      setTimeout(picture, live ? 20 : blob ? 2000 : 4000);
    });
  }
  if ($('k-which')) $('k-which').onchange = function () { live = 0; drawn(null); };

  /* fingers: where the mouse is on the picture, which stands whole in the middle of its place */
  function place(event) {
    var box = glass.getBoundingClientRect(), scale = Math.min(box.width / glass.naturalWidth, box.height / glass.naturalHeight);
    var x = (event.clientX - box.left - (box.width - glass.naturalWidth * scale) / 2) / (glass.naturalWidth * scale);
    var y = (event.clientY - box.top - (box.height - glass.naturalHeight * scale) / 2) / (glass.naturalHeight * scale);
    return { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)), inside: x >= 0 && x <= 1 && y >= 0 && y <= 1 };
  }
  function send() {
    if (sending || !unsent.length) return;
    sending = true;
    var now = unsent.splice(0, 200);
    call('POST', '/api/v1/demo/screens/' + which() + '/touches', { touches: now }).catch(function () { return null; }).then(function () { sending = false; send(); });
  }
  function finger(phase, event) {
    var at = place(event), last = unsent[unsent.length - 1];
    if (phase === 'down' && !at.inside) return;
    if (phase === 'move' && last && last.phase === 'move') unsent.pop();
    unsent.push({ phase: phase, x: at.x, y: at.y });
    held = phase === 'up' ? null : event.pointerId;
    send();
    event.preventDefault();
  }
  glass.addEventListener('pointerdown', function (event) {
    if (!live || held !== null || event.button) return;
    glass.setPointerCapture(event.pointerId);
    finger('down', event);
  });
  glass.addEventListener('pointermove', function (event) { if (event.pointerId === held) finger('move', event); });
  ['pointerup', 'pointercancel'].forEach(function (name) {
    glass.addEventListener(name, function (event) { if (event.pointerId === held) finger('up', event); });
  });
  glass.addEventListener('dragstart', function (event) { event.preventDefault(); });
  function large(yes) {
    $('k-card').classList.toggle('large', yes);
    $('k-large').textContent = yes ? words.close : words.kiosk_large;
  }
  if ($('k-large')) {
    $('k-large').onclick = function () { large(!$('k-card').classList.contains('large')); };
    document.addEventListener('keydown', function (event) { if (event.key === 'Escape') large(false); });
  }

  /* the stream */
  var backlog = 0;
  function show(state) {
    health('h-broker', state.broker_ok, words.broker_ok, words.broker_down);
    health('h-journal', state.journal_ok, words.journal_ok, words.journal_down);
    backlog = state.queue.backlog;
    plan(state.devices); totals(state); wrong(state.wrong); queue(state.queue, state.internet); tail(state.lines, state.queue.acked);
    messages(state.messages);
  }
  function alive(yes) { $('h-live').className = yes ? '' : 'wait'; $('h-live').textContent = yes ? words.live : words.reconnecting; }
  function follow() {
    if (source) source.close();
    source = new EventSource('/api/v1/store/events?lang=' + page.language);
    source.onopen = function () { alive(true); };
    source.onmessage = function (event) { quiet = 0; show(JSON.parse(event.data)); };
    source.onerror = function () { alive(false); if (source.readyState === 2) setTimeout(follow, 2000); };
  }
  document.addEventListener('visibilitychange', function () { if (document.hidden) { source.close(); } else follow(); });
  setInterval(function () { $('clock').textContent = clock(Date.now()); sample(backlog); }, 1000);
  follow();
  picture();
})();
