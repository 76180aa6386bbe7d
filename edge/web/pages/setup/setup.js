// The floor plan as an editor. It keeps what stands in the settings and what was changed beside each other, and sends changes alone.
(function () {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('data').textContent), words = data.words, spoken = data.spoken;
  const svg = byId('floor'), box = byId('floor-box'), panel = byId('panel');
  const GRID = {zone: 0.5, fixture: 0.1, device: 0.1, touchpoint: 0.1};
  const LEAST = {zone: 1, fixture: 0.1}, MARGIN = 46, STILL = 5, FAR = 1000;
  const TINTS = ['#e9efe4', '#eaf3e6', '#fbf1dc', '#e6eff7', '#f0ece4', '#f7e9e4', '#eeeaf4'];
  const CODES = ['shelf', 'enter', 'coupon', 'badge'], KINDS = ['cart', 'locker', 'screen', 'printer', 'scanner', 'beacon'];
  const FIXTURES = ['shelf', 'dock', 'locker', 'till', 'service', 'toilet', 'exit', 'screen', 'wall'], SIDES = ['north', 'east', 'south', 'west'];
  const ARRAYS = {zone: 'zones', fixture: 'fixtures', device: 'devices', touchpoint: 'touchpoints'};

  let base = new Map(), items = new Map(), online = {}, chosen = null, past = [], found = [], adding = null;
  let zoom = 1, ppm = 30, mistakes = null, checking = 0, busy = false, drag = null;

  // ---- words and small things

  const say = (key, values) => (words[key] || key).replace(/\{(\w+)\}/g, (all, name) => values && name in values ? values[name] : all);
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const sorted = (value) => Array.isArray(value) ? value.map(sorted) : value && typeof value === 'object' ?
    Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value;
  const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
  const keyOf = (item) => item.what + '/' + item.id;
  // Zones and what stands on the floor have an area; everything else a spot.
  const flat = (item) => item.what === 'zone' || item.what === 'fixture';
  const kindOf = (item) => item.what === 'zone' ? 'zone' : item.what === 'touchpoint' ? item.fields.purpose : item.fields.kind;
  const kindWord = (item) => words[(item.what === 'fixture' ? 'fixture_' : 'kind_') + kindOf(item)] || kindOf(item);
  const text = (item) => {
    const said = item.fields[flat(item) ? 'name' : 'label'] || {};
    return said[data.language] || said[spoken[0]] || Object.values(said)[0] || (item.what === 'fixture' ? kindWord(item) : item.id);
  };
  const round = (value) => Math.round(value * 100) / 100;
  const snap = (value, grid) => round(Math.round(value / grid) * grid);
  const clamp = (value) => Math.min(FAR, Math.max(0, value));
  const all = (what) => [...items.values()].filter((item) => item.what === what);

  function make(name, attributes, ...children) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.append(...children);
    return element;
  }

  function html(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const key in attributes || {}) {
      if (key.startsWith('on')) element.addEventListener(key.slice(2), attributes[key]);
      else if (attributes[key] === true) element.setAttribute(key, '');
      else if (attributes[key] !== false) element.setAttribute(key, attributes[key]);
    }
    element.append(...children);
    return element;
  }

  const icon = (kind, size) => {
    const use = make('use', {href: '#i-' + (byId('i-' + kind) ? kind : 'beacon')});
    return make('svg', {width: size, height: size, 'aria-hidden': 'true'}, use);
  };

  async function ask(path, body) {
    const how = body === undefined ? {} : {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)};
    const answer = await fetch('/setup/' + path + '?lang=' + data.language, how);
    if (answer.status === 401 || answer.status === 403) { location.reload(); throw new Error('login'); }
    const found = await answer.json();
    if (!answer.ok && !found.mistakes) throw new Error(found.title || answer.status);
    return found;
  }

  // ---- what there is, and what is another

  async function load() {
    const plan = await ask('plan');
    base = new Map();
    for (const what in ARRAYS) {
      for (const table of plan[ARRAYS[what]] || []) {
        const {id, ...fields} = table;
        base.set(what + '/' + id, {what, id, fields});
      }
    }
    online = plan.online || {};
    items = new Map([...base].map(([key, item]) => [key, copy(item)]));
    past = [];
    mistakes = plan.mistakes || null;
    if (plan.said && plan.said.state === 'found') found = plan.said.found;
    if (chosen && !items.has(chosen)) chosen = null;
    draw();
  }

  function changes() {
    const list = [];
    for (const [key, item] of items) {
      const before = base.get(key);
      if (!before) list.push({what: item.what, id: item.id, fields: item.fields});
      else if (!same(before.fields, item.fields)) {
        const fields = {};
        for (const name of new Set([...Object.keys(before.fields), ...Object.keys(item.fields)])) {
          if (!same(before.fields[name], item.fields[name])) fields[name] = name in item.fields ? item.fields[name] : null;
        }
        list.push({what: item.what, id: item.id, fields});
      }
    }
    for (const [key, item] of base) if (!items.has(key)) list.push({what: item.what, id: item.id, fields: null});
    return list;
  }

  function remember() {
    past.push(JSON.stringify([...items.values()]));
    if (past.length > 200) past.shift();
  }

  function undo() {
    if (!past.length) return;
    items = new Map(JSON.parse(past.pop()).map((item) => [keyOf(item), item]));
    if (chosen && !items.has(chosen)) chosen = null;
    changed();
  }

  function changed() {
    draw();
    clearTimeout(checking);
    mistakes = null;
    foot();
    const wanted = changes();
    if (wanted.length) checking = setTimeout(check, 500, wanted);
  }

  async function check(wanted) {
    const mine = checking;
    try {
      const answer = await ask('check', wanted);
      if (mine === checking) mistakes = answer.mistakes;
    } catch (error) {
      if (mine === checking) mistakes = [say('unreached')];
    }
    foot();
    if (!chosen) details();
  }

  // ---- the drawing

  const phone = () => matchMedia('(max-width:1000px)').matches;
  const spot = (item) => item.fields.at || [0, 0];
  const area = (item) => item.fields.plan || [0, 0, 1, 1];

  function extent() {
    let width = 12, height = 8;
    for (const item of items.values()) {
      const at = flat(item) ? area(item) : [...spot(item), 1, 1];
      width = Math.max(width, at[0] + at[2]);
      height = Math.max(height, at[1] + at[3]);
    }
    return [width, height];
  }

  function scale() {
    const [width, height] = extent();
    const across = (box.clientWidth - 1.5 * MARGIN) / (width + 0.5), down = (box.clientHeight - 1.5 * MARGIN) / (height + 0.5);
    ppm = Math.max(Math.min(across, down), phone() ? 21 : Math.min(15, across), 6) * zoom;
    return [width, height];
  }

  const px = (metres) => MARGIN + metres * ppm;
  const metres = (event) => {
    const frame = svg.getBoundingClientRect();
    return [(event.clientX - frame.left - MARGIN) / ppm, (event.clientY - frame.top - MARGIN) / ppm];
  };

  function draw() {
    const [width, height] = drag ? drag.extent : scale();
    const wide = Math.max(box.clientWidth, px(width + 0.5)), below = phone() && chosen ? box.clientHeight / 2 : 0;
    const high = Math.max(box.clientHeight - 4, px(height + 0.5)) + below;
    svg.setAttribute('width', wide);
    svg.setAttribute('height', high);
    svg.setAttribute('viewBox', '0 0 ' + wide + ' ' + high);
    const focus = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : '';
    svg.replaceChildren(ground(wide, high), ...axis(wide), ...all('zone').map(zone), ...all('fixture').map(fixture), ...all('touchpoint').map(thing), ...all('device').map(thing));
    const top = chosen && svg.querySelector('.thing[data-key="' + chosen + '"]');
    if (top) svg.append(top);
    if (focus) { const again = svg.querySelector('[data-key="' + focus + '"]'); if (again) again.focus({preventScroll: true}); }
    byId('size').textContent = say('size', {w: Math.round(width), h: Math.round(height)});
    svg.classList.toggle('placing', !!adding);
    lists();
    details();
    foot();
  }

  function ground(wide, high) {
    const step = ppm * (ppm < 20 ? 2 : 1);
    const pattern = make('pattern', {id: 'dots', x: MARGIN - step / 2, y: MARGIN - step / 2, width: step, height: step, patternUnits: 'userSpaceOnUse'},
      make('circle', {class: 'dot', cx: step / 2, cy: step / 2, r: 1.3}));
    return make('g', {}, make('defs', {}, pattern), make('rect', {width: wide, height: high, fill: 'url(#dots)'}));
  }

  function axis(wide) {
    const marks = [];
    for (let metre = 0; px(metre) < wide - 10; metre += 5) {
      const mark = make('text', {class: 'axis', x: px(metre), y: 22});
      mark.textContent = metre + ' m';
      marks.push(mark, make('path', {d: 'M' + px(metre) + ' 27v7', stroke: '#b9c1bb'}));
    }
    return marks;
  }

  function zone(item, index) {
    const on = chosen === keyOf(item);
    const [x, y, w, h] = area(item);
    const name = make('text', {'font-size': 14});
    const group = make('g', {class: 'zone' + (on ? ' on' : ''), 'data-key': keyOf(item), tabindex: 0, role: 'button', 'aria-label': say('kind_zone') + ': ' + text(item)},
      make('rect', {class: 'area', rx: 10, fill: TINTS[index % TINTS.length]}), name);
    if (on) group.append(make('rect', {class: 'griphit', width: 48, height: 48}), make('circle', {class: 'grip se', r: 10}));
    shape(group, x, y, w, h);
    // As much of the name as the zone is wide.
    const room = Math.max(3, Math.floor((w * ppm - 20) / 8.4)), said = text(item);
    name.textContent = said.length > room ? said.slice(0, room - 1) + '…' : said;
    return group;
  }

  function fixture(item) {
    const on = chosen === keyOf(item), kind = kindOf(item), [x, y, w, h] = area(item), said = text(item);
    const group = make('g', {class: 'fixture ' + kind + (on ? ' on' : '') + (base.has(keyOf(item)) ? '' : ' new'), 'data-key': keyOf(item), tabindex: 0, role: 'button', 'aria-label': kindWord(item) + ': ' + said},
      make('rect', {class: 'area', rx: 3}));
    const side = {north: [0, 0, w, 0], east: [w, 0, w, h], south: [0, h, w, h], west: [0, 0, 0, h]}[item.fields.front];
    if (side) group.append(make('path', {class: 'front', d: 'M' + px(x + side[0]) + ' ' + px(y + side[1]) + 'L' + px(x + side[2]) + ' ' + px(y + side[3])}));
    if (w * ppm > said.length * 7 + 6 && h * ppm > 13) {
      const name = make('text', {'font-size': 11, x: px(x + w / 2), y: px(y + h / 2) + 4, class: 'middle'});
      name.textContent = said;
      group.append(name);
    }
    if (on) group.append(make('rect', {class: 'griphit', width: 48, height: 48}), make('circle', {class: 'grip se', r: 10}));
    shape(group, x, y, w, h);
    return group;
  }

  function shape(group, x, y, w, h) {
    const set = (element, values) => { if (element) for (const key in values) element.setAttribute(key, values[key]); };
    set(group.querySelector('.area'), {x: px(x), y: px(y), width: w * ppm, height: h * ppm});
    set(group.querySelector('text:not(.middle)'), {x: px(x) + 12, y: px(y) + 23});
    set(group.querySelector('.middle'), {x: px(x + w / 2), y: px(y + h / 2) + 4});
    if (drag) set(group.querySelector('.front'), {d: ''});
    set(group.querySelector('.griphit'), {x: px(x + w) - 24, y: px(y + h) - 24});
    set(group.querySelector('.grip'), {cx: px(x + w), cy: px(y + h)});
  }

  function thing(item) {
    const key = keyOf(item), on = chosen === key, kind = kindOf(item), small = Math.min(1, Math.max(0.55, ppm / 30));
    const group = make('g', {class: 'thing ' + item.what + (on ? ' on' : '') + (base.has(key) ? '' : ' new'), 'data-key': key, tabindex: 0, role: 'button', 'aria-label': say('kind_' + kind) + ': ' + text(item)});
    const side = Math.round(34 * small), half = side / 2;
    group.append(make('rect', {class: 'hit', x: -22, y: -22, width: 44, height: 44}));
    if (on) group.append(make('rect', {class: 'halo', x: -half - 7, y: -half - 7, width: side + 14, height: side + 14, rx: 12}));
    group.append(make('rect', {class: 'box', x: -half, y: -half, width: side, height: side, rx: 9 * small}));
    const number = kind === 'cart' ? (item.id.match(/(\d+)$/) || ['', ''])[1] : '';
    if (number && !on) {
      const tag = make('text', {class: 'tag', y: 5 * small, 'font-size': 14 * small});
      tag.textContent = number.slice(-3);
      group.append(tag);
    } else {
      const size = 20 * small;
      group.append(make('use', {href: '#i-' + (byId('i-' + kind) ? kind : 'beacon'), x: -size / 2, y: -size / 2, width: size, height: size}));
    }
    if (item.what === 'device' && base.has(key)) group.append(make('circle', {class: 'lamp' + (online[item.id] ? '' : ' away'), cx: half - 2, cy: -half + 2, r: 5 * small}));
    if (on || (ppm > 26 && item.what === 'device' && kind !== 'cart')) {
      const label = make('text', {y: half + 16, 'font-size': 12});
      label.textContent = text(item).slice(0, 26);
      group.append(label);
    }
    place(group, spot(item));
    return group;
  }

  const place = (group, at) => group.setAttribute('transform', 'translate(' + px(at[0]) + ' ' + px(at[1]) + ')');

  // ---- mouse and finger

  svg.addEventListener('pointerdown', (event) => {
    if (event.button || drag) return;
    if (adding) { drag = {placing: adding, x: event.clientX, y: event.clientY, extent: extent(), pointer: event.pointerId}; return; }
    const group = event.target.closest('[data-key]');
    if (!group) return;
    const item = items.get(group.dataset.key), was = chosen === group.dataset.key;
    // A finger on a zone moves the plan, until the zone is chosen.
    const holds = !flat(item) || was || event.pointerType === 'mouse';
    drag = {
      key: group.dataset.key, group, item, holds, from: metres(event), x: event.clientX, y: event.clientY, moved: false,
      extent: extent(), start: copy(item.fields), grip: !!event.target.closest('.grip,.griphit'), pointer: event.pointerId
    };
    if (holds) svg.setPointerCapture(event.pointerId);
  });

  svg.addEventListener('pointermove', (event) => {
    if (!drag || event.pointerId !== drag.pointer || !drag.holds) return;
    if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < STILL) return;
    if (!drag.moved) { remember(); drag.moved = true; }
    const [x, y] = metres(event), grid = event.altKey ? 0.01 : GRID[drag.item.what];
    const dx = x - drag.from[0], dy = y - drag.from[1], fields = drag.item.fields;
    if (!flat(drag.item)) {
      fields.at = [clamp(snap(drag.start.at[0] + dx, grid)), clamp(snap(drag.start.at[1] + dy, grid))];
      place(drag.group, fields.at);
    } else {
      const [zx, zy, w, h] = drag.start.plan, least = LEAST[drag.item.what];
      fields.plan = drag.grip ?
        [zx, zy, Math.max(least, snap(zx + w + dx, grid) - zx), Math.max(least, snap(zy + h + dy, grid) - zy)].map(round) :
        [clamp(snap(zx + dx, grid)), clamp(snap(zy + dy, grid)), w, h];
      shape(drag.group, ...fields.plan);
    }
  });

  function drop(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    const {key, item, moved, holds, placing} = drag, still = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < STILL;
    drag = null;
    if (event.type === 'pointercancel' && !moved) return;
    if (placing) { if (still) put(placing, metres(event)); return; }
    if (moved) {
      settle(item);
      choose(key);
      changed();
    } else if (holds || still) choose(key);
  }
  // A finger on a thing, or on a zone that is chosen, moves it and not the page. (Browsers do not heed touch-action within
  // a drawing.) It also keeps the click that follows a tap from falling on the sheet that has just come up there.
  const holding = (event) => {
    const group = event.target.closest('[data-key]');
    return group && !adding && event.touches.length < 2 && (!group.matches('.zone,.fixture') || group.classList.contains('on'));
  };
  svg.addEventListener('touchstart', (event) => { if (holding(event)) event.preventDefault(); }, {passive: false});
  svg.addEventListener('touchend', (event) => { if (event.target.closest('[data-key]') && event.cancelable) event.preventDefault(); });
  svg.addEventListener('pointerup', drop);
  svg.addEventListener('pointercancel', drop);

  svg.addEventListener('keydown', (event) => {
    const group = event.target.closest('[data-key]'), step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (!group) return;
    const item = items.get(group.dataset.key);
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(group.dataset.key); }
    else if (event.key === 'Delete') remove(item);
    else if (step) {
      event.preventDefault();
      remember();
      const far = GRID[item.what] * (event.shiftKey ? 10 : 1), name = flat(item) ? 'plan' : 'at', at = item.fields[name];
      at[0] = clamp(round(at[0] + step[0] * far));
      at[1] = clamp(round(at[1] + step[1] * far));
      settle(item);
      changed();
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { if (adding) stopAdding(); else choose(null); }
    if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) { event.preventDefault(); undo(); }
  });

  // A thing belongs to the zone that it stands in.
  function settle(item) {
    if (flat(item)) return;
    const here = zoneAt(spot(item));
    if (here) item.fields.zone = here.id;
  }

  function zoneAt(at) {
    return all('zone').reverse().find((each) => {
      const [x, y, w, h] = area(each);
      return at[0] >= x && at[0] <= x + w && at[1] >= y && at[1] <= y + h;
    });
  }

  function choose(key) {
    chosen = key;
    draw();
    const item = key && items.get(key);
    if (!item || !phone()) return;
    // Above the sheet that now covers half of the screen.
    const [x, y] = flat(item) ? area(item) : spot(item), top = byId('plan-title').getBoundingClientRect().top;
    window.scrollBy({top: top - 60});
    box.scrollTo({left: px(x) - box.clientWidth / 2, top: px(y) - 90});
  }

  // ---- adding and taking away

  function free(stem) {
    let highest = 0, digits = 1;
    for (const item of items.values()) {
      const match = item.id.match(/^(.*?)-(\d+)$/);
      if (match && match[1] === stem) { highest = Math.max(highest, Number(match[2])); digits = Math.max(digits, match[2].length); }
    }
    return stem + '-' + String(highest + 1).padStart(digits, '0');
  }

  const named = (kind, id) => Object.fromEntries(spoken.map((language) => [language, data.names[language][kind] + ' ' + ((id.match(/(\d+)$/) || ['', ''])[1].replace(/^0+/, '') || '')].map((each) => each.trim())));

  function fresh(wish, at) {
    if (wish.kind === 'fixture') return {what: 'fixture', id: free('shelf'), fields: {kind: 'shelf', plan: [...at.map((each) => clamp(snap(each, 0.1))), 2, 0.8]}};
    const kind = wish.kind, what = kind === 'zone' ? 'zone' : CODES.includes(kind) ? 'touchpoint' : 'device';
    const id = wish.id || free(kind);
    if (what === 'zone') return {what, id, fields: {name: named(kind, id), plan: [...at.map((each) => clamp(snap(each, 0.5))), 6, 5]}};
    const place = at.map((each) => clamp(snap(each, 0.1))), here = zoneAt(place) || all('zone')[0];
    const fields = {zone: here ? here.id : '', label: named(kind, id), at: place};
    if (what === 'touchpoint') return {what, id, fields: {purpose: kind, ...fields}};
    const hardware = wish.hardware ? {driver: wish.hardware.driver, settings: wish.hardware.settings} : {};
    return {what, id, fields: {kind, ...hardware, ...fields}};
  }

  function put(wish, at) {
    remember();
    const known = wish.key && items.get(wish.key);
    if (known) {
      known.fields.at = at.map((each) => clamp(snap(each, 0.1)));
      settle(known);
      chosen = wish.key;
    } else {
      const item = fresh(wish, at);
      items.set(keyOf(item), item);
      chosen = keyOf(item);
    }
    stopAdding();
    changed();
  }

  function startAdding(wish, hint) {
    adding = wish;
    const line = byId('place');
    line.textContent = hint;
    line.hidden = false;
    draw();
    box.scrollIntoView({block: 'nearest'});
  }

  function stopAdding() {
    adding = null;
    byId('place').hidden = true;
    draw();
  }

  document.querySelectorAll('[data-add]').forEach((button) => button.addEventListener('click', () => {
    if (adding && adding.kind === button.dataset.add && !adding.hardware) stopAdding();
    else startAdding({kind: button.dataset.add}, say('tap', {what: button.textContent.trim()}));
  }));

  function remove(item) {
    remember();
    items.delete(keyOf(item));
    chosen = null;
    changed();
  }

  // ---- what is chosen

  function field(label, control, small) {
    return html('label', {}, label, control, ...(small ? [html('small', {}, small)] : []));
  }

  const typed = (value, apply, attributes) => html('input', {
    value: value === undefined ? '' : value, ...attributes,
    onchange: (event) => { remember(); apply(event.target.value); changed(); }
  });

  function select(options, value, apply) {
    const list = html('select', {onchange: (event) => { remember(); apply(event.target.value); changed(); }});
    for (const [id, label] of options) list.append(html('option', {value: id, selected: id === value}, label));
    return list;
  }

  function details() {
    panel.classList.toggle('on', !!chosen);
    // While somebody types there, what they type is not taken from under their hands.
    if (panel.contains(document.activeElement) && panel.dataset.key === chosen && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
    panel.dataset.key = chosen || '';
    const item = chosen && items.get(chosen);
    panel.replaceChildren(...(item ? about(item) : worth()));
  }

  function about(item) {
    const isNew = !base.has(keyOf(item)), fields = item.fields, kind = kindOf(item);
    const name = flat(item) ? 'name' : 'label', form = html('form', {onsubmit: (event) => event.preventDefault()});
    const names = html('fieldset', {}, html('legend', {}, say('name')));
    for (const language of spoken) {
      const control = typed((fields[name] || {})[language], (value) => {
        fields[name] = {...fields[name], [language]: value};
        if (!value) delete fields[name][language];
        if (item.what === 'fixture' && !Object.keys(fields[name]).length) delete fields[name];
      }, {'aria-label': say('name') + ' ' + language, lang: language, maxlength: 80});
      names.append(html('span', {class: 'in'}, html('span', {}, language), control));
    }
    form.append(names);
    if (item.what === 'fixture') form.append(...standing(item));
    if (!flat(item)) form.append(field(say('zone'), select(all('zone').map((each) => [each.id, text(each)]), fields.zone, (value) => { fields.zone = value; })));
    if (item.what === 'device') form.append(...hardware(item));
    if (item.what === 'touchpoint') form.append(field(say('purpose'), select(CODES.map((each) => [each, say('kind_' + each)]).concat(CODES.includes(fields.purpose) ? [] : [[fields.purpose, fields.purpose]]), fields.purpose, (value) => { fields.purpose = value; })));
    form.append(numbers(item));
    const acts = html('div', {class: 'acts'});
    const printable = !isNew && (item.what === 'touchpoint' || ['cart', 'locker', 'screen'].includes(kind));
    if (printable) acts.append(html('a', {class: 'btn two', href: '/setup/codes.pdf?id=' + encodeURIComponent(item.id), target: '_blank', rel: 'noopener'}, say('print')));
    acts.append(html('button', {type: 'button', class: 'btn red', onclick: () => remove(item)}, say('remove')));
    const head = [html('button', {type: 'button', class: 'shut', 'aria-label': say('done'), onclick: () => choose(null)}, '×'), html('span', {class: 'pill' + (isNew ? ' new' : '')}, isNew ? say('new') : kindWord(item)), html('h2', {}, text(item)), html('p', {class: 'hint'}, item.id)];
    form.append(acts);
    return [...head, ...state(item, isNew), form];
  }

  function standing(item) {
    const fields = item.fields, parts = [], free = [['', say('front_any')], ...SIDES.map((each) => [each, say('side_' + each)])];
    const set = (name) => (value) => { if (value) fields[name] = value; else delete fields[name]; };
    parts.push(field(say('what'), select(FIXTURES.map((each) => [each, say('fixture_' + each)]), fields.kind, set('kind'))));
    parts.push(field(say('front'), select(free, fields.front || '', set('front')), say('front_why')));
    const devices = all('device').filter((each) => each.fields.kind === fields.kind).map((each) => [each.id, text(each)]);
    if (devices.length || fields.device) parts.push(field(say('fixture_device'), select([['', say('fixture_no_device')], ...devices], fields.device || '', set('device'))));
    return parts;
  }

  function state(item, isNew) {
    if (item.what !== 'device') return [];
    const key = isNew ? 'state_new' : online[item.id] ? 'state_here' : 'state_away';
    return [html('p', {class: 'state' + (isNew ? ' wait' : online[item.id] ? '' : ' away')}, html('i'), say(key))];
  }

  function hardware(item) {
    const fields = item.fields, isNew = !base.has(keyOf(item)), parts = [];
    if (isNew) parts.push(field(say('id'), typed(item.id, (value) => rename(item, value), {maxlength: 39, pattern: '[a-z0-9][a-z0-9\\-]+', autocapitalize: 'none', spellcheck: 'false'}), say('id_why')));
    parts.push(field(say('what'), select(KINDS.concat(KINDS.includes(fields.kind) ? [] : [fields.kind]).map((each) => [each, words['kind_' + each] || each]), fields.kind, (value) => { fields.kind = value; })));
    const options = [['', say('driver_elsewhere')]];
    const now = fields.driver && fields.driver !== 'elsewhere' ? 'now' : '';
    if (now) options.push(['now', fields.driver + (fields.settings && (fields.settings.url || fields.settings.path) ? ', ' + (fields.settings.url || fields.settings.path) : '')]);
    found.forEach((each, index) => { if (!(now && same(each.settings, fields.settings))) options.push([String(index), each.words + ', ' + each.url]); });
    parts.push(field(say('driver'), select(options, now, (value) => {
      if (value === '') { delete fields.driver; delete fields.settings; }
      else if (value !== 'now') { fields.driver = found[value].driver; fields.settings = copy(found[value].settings); }
    }), found.length ? say('driver_found', {count: found.length}) : ''));
    if (fields.driver || fields.settings) parts.push(field(say('settings'), settings(item), say('settings_why')));
    return parts;
  }

  function settings(item) {
    const area = html('textarea', {spellcheck: 'false', autocapitalize: 'none', onchange: () => {
      let value;
      try { value = JSON.parse(area.value || '{}'); } catch (error) { value = null; }
      if (!value || typeof value !== 'object' || Array.isArray(value)) { area.setCustomValidity(say('settings_wrong')); area.reportValidity(); return; }
      area.setCustomValidity('');
      remember();
      if (Object.keys(value).length) item.fields.settings = value; else delete item.fields.settings;
      changed();
    }});
    area.value = JSON.stringify(item.fields.settings || {}, null, 1);
    return area;
  }

  function rename(item, value) {
    const id = value.trim().toLowerCase();
    if (!/^[a-z0-9][a-z0-9-]{1,38}$/.test(id) || items.has(item.what + '/' + id)) return;
    items.delete(keyOf(item));
    item.id = id;
    items.set(keyOf(item), item);
    chosen = keyOf(item);
  }

  function numbers(item) {
    const area = flat(item), name = area ? 'plan' : 'at', group = html('div', {class: 'pair'});
    ['x', 'y', 'width', 'height'].slice(0, area ? 4 : 2).forEach((key, index) => {
      group.append(field(say(key), typed(item.fields[name][index], (value) => {
        const number = Number(String(value).replace(',', '.'));
        if (Number.isFinite(number)) item.fields[name][index] = index < 2 ? clamp(round(number)) : Math.max(0.1, Math.min(FAR, round(number)));
        settle(item);
      }, {inputmode: 'decimal'})));
    });
    return group;
  }

  function worth() {
    const list = html('ul', {class: 'worth'});
    for (const each of mistakes || []) list.append(html('li', {class: 'wrong'}, each));
    for (const each of all('zone')) {
      const coded = all('touchpoint').some((one) => one.fields.zone === each.id) || all('device').some((one) => one.fields.zone === each.id && ['cart', 'locker', 'screen'].includes(one.fields.kind));
      if (!coded) list.append(html('li', {}, say('worth_no_code', {zone: text(each)})));
    }
    for (const each of [...all('device'), ...all('touchpoint')]) {
      const here = zoneAt(spot(each)), own = items.get('zone/' + each.fields.zone);
      if (!own) list.append(html('li', {}, say('worth_no_zone', {what: text(each)})));
      else if (!here || (here.id !== own.id && !inside(own, spot(each)))) list.append(html('li', {}, say('worth_outside', {what: text(each), zone: text(own)})));
    }
    return [html('h2', {}, say(list.children.length ? 'worth' : 'choose')), html('p', {class: 'hint'}, say('choose_lead')), list];
  }

  const inside = (each, at) => { const [x, y, w, h] = area(each); return at[0] >= x && at[0] <= x + w && at[1] >= y && at[1] <= y + h; };

  // ---- the lists at the side, and the foot

  function lists() {
    document.querySelectorAll('[data-add]').forEach((button) => button.setAttribute('aria-pressed', String(!!adding && adding.kind === button.dataset.add && !adding.hardware)));
    const used = new Set(all('device').map((each) => (each.fields.settings || {}).url || (each.fields.settings || {}).path).filter(Boolean));
    const rest = found.filter((each) => !used.has(each.settings.url || each.settings.path || each.url));
    byId('found-count').hidden = !rest.length;
    byId('found-count').textContent = rest.length;
    byId('found').replaceChildren(...rest.map((each) => html('li', {}, html('button', {type: 'button', class: 'card', 'aria-pressed': String(!!adding && adding.hardware === each), onclick: () =>
      startAdding({kind: {lock: 'locker', printer: 'printer', scanner: 'scanner'}[each.what], hardware: each}, say('tap', {what: each.words}))},
    icon({lock: 'locker', printer: 'printer', scanner: 'scanner'}[each.what], 20), html('span', {}, html('b', {}, say('found_' + each.what)), html('small', {}, each.words + ' · ' + each.url))))));
    byId('placed-count').textContent = items.size;
    byId('placed').replaceChildren(...[...items.values()].map((each) => html('li', {}, html('button', {type: 'button', 'aria-current': String(chosen === keyOf(each)), onclick: () => reveal(keyOf(each))}, text(each), html('small', {}, kindWord(each) + ' · ' + each.id)))));
  }

  function reveal(key) {
    choose(key);
    const group = svg.querySelector('[data-key="' + key + '"]');
    if (group) group.scrollIntoView({block: 'nearest', inline: 'center'});
  }

  function foot() {
    const wanted = changes(), names = wanted.slice(0, 4).map((each) => {
      const item = items.get(each.what + '/' + each.id) || base.get(each.what + '/' + each.id);
      return say(!each.fields ? 'was_removed' : base.has(each.what + '/' + each.id) ? 'was_changed' : 'was_added', {what: text(item)});
    });
    byId('count').textContent = say(wanted.length === 0 ? 'changes_none' : wanted.length === 1 ? 'changes_one' : 'changes', {count: wanted.length});
    byId('what').textContent = names.join(' · ') + (wanted.length > 4 ? ' …' : '');
    const verdict = byId('verdict');
    verdict.className = mistakes && mistakes.length ? 'wrong' : '';
    verdict.textContent = busy ? say('applying') : !wanted.length ? (mistakes && mistakes.length ? mistakes[0] : '') : !mistakes ? say('checking') : mistakes.length ? mistakes[0] : '✓ ' + say('checked');
    byId('undo').disabled = !past.length || busy;
    byId('discard').hidden = !wanted.length || busy;
    byId('apply').disabled = busy || !wanted.length || !mistakes || mistakes.length > 0;
  }

  // ---- into force

  byId('apply').addEventListener('click', async () => {
    busy = true;
    foot();
    try {
      const answer = await ask('apply', changes());
      if (answer.mistakes) { mistakes = answer.mistakes; return; }
      const said = await until(answer.number);
      tell(said.state === 'applied' ? 'applied' : 'not_applied', said.text);
      if (said.state === 'applied') await load();
    } catch (error) {
      tell('not_applied', String(error.message || error));
    } finally {
      busy = false;
      foot();
      details();
    }
  });

  async function until(number) {
    // The gateway may be started anew meanwhile.
    for (let tries = 0; tries < 400; tries++) {
      await new Promise((done) => setTimeout(done, 1000));
      try {
        const said = await ask('said');
        if (said && said.number === number && said.state !== 'working') return said;
      } catch (error) { /* it is away for a moment */ }
    }
    return {state: 'failed', text: say('no_answer'), found: []};
  }

  function tell(key, more) {
    byId('told-title').textContent = say(key);
    byId('told-lead').textContent = say(key + '_lead');
    byId('told-text').textContent = more || '';
    byId('told').showModal();
  }

  byId('discard').addEventListener('click', () => {
    remember();
    items = new Map([...base].map(([key, item]) => [key, copy(item)]));
    chosen = null;
    changed();
  });
  byId('undo').addEventListener('click', undo);
  byId('in').addEventListener('click', () => { zoom = Math.min(5, zoom * 1.3); draw(); });
  byId('out').addEventListener('click', () => { zoom = Math.max(0.5, zoom / 1.3); draw(); });
  window.addEventListener('resize', draw);
  window.addEventListener('beforeunload', (event) => { if (changes().length && !busy) event.preventDefault(); });

  // ---- hardware and printed codes

  byId('look').addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.target.querySelector('button'), at = byId('look-at').value.trim();
    button.disabled = true;
    button.textContent = say('looking');
    try {
      const said = await until((await ask('find', {urls: at ? [at] : []})).number);
      found = said.found || [];
      if (!found.length) tell('nothing_found', said.text);
    } catch (error) {
      tell('nothing_found', String(error.message || error));
    } finally {
      button.disabled = false;
      button.textContent = say('look');
      draw();
    }
  });

  byId('pair').addEventListener('submit', (event) => {
    event.preventDefault();
    pair(byId('pair-text').value);
  });

  async function pair(printed) {
    if (!printed.trim()) return;
    const meant = await ask('pair', {text: printed});
    const key = ['device', 'touchpoint'].map((what) => what + '/' + meant.id).find((each) => items.has(each));
    if (meant.is === 'known' && key || key) {
      byId('pair-text').value = '';
      reveal(key);
      startAdding({key}, say('tap_move', {what: text(items.get(key))}));
    } else if (meant.is === 'new') {
      byId('pair-text').value = '';
      startAdding({kind: meant.kind || 'cart', id: meant.id}, say('tap_new', {what: meant.id}));
    } else tell(meant.is === 'foreign' ? 'pair_foreign' : 'pair_nothing');
  }

  let stream = null;
  if (window.isSecureContext && navigator.mediaDevices && navigator.mediaDevices.getUserMedia) byId('pair-scan').hidden = false;
  else byId('pair-insecure').hidden = false;

  byId('pair-scan').addEventListener('click', async () => {
    if (stream) { shut(); return; }
    const video = byId('pair-camera').querySelector('video');
    try {
      stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'environment'}});
      video.srcObject = stream;
      byId('pair-camera').hidden = false;
      await video.play();
      const decode = await decoder(), canvas = document.createElement('canvas');
      while (stream) {
        canvas.width = 640;
        canvas.height = Math.round(640 * (video.videoHeight || 480) / (video.videoWidth || 640));
        const pen = canvas.getContext('2d', {willReadFrequently: true});
        pen.drawImage(video, 0, 0, canvas.width, canvas.height);
        const read = await decode(canvas, pen);
        if (read) { shut(); await pair(read); return; }
        await new Promise((done) => setTimeout(done, 120));
      }
    } catch (error) {
      shut();
      tell('pair_no_camera', '');
    }
  });

  function shut() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    byId('pair-camera').hidden = true;
  }

  async function decoder() {
    if (window.BarcodeDetector && (await BarcodeDetector.getSupportedFormats()).includes('qr_code')) {
      const detector = new BarcodeDetector({formats: ['qr_code']});
      return async (canvas) => ((await detector.detect(canvas))[0] || {}).rawValue;
    }
    const worker = new Worker(data.worker);
    await new Promise((ready, failed) => {
      worker.onerror = failed;
      worker.onmessage = (event) => event.data.failed ? failed(event) : ready();
      worker.postMessage({lib: new URL(data.lib, location).href, wasm: new URL(data.wasm, location).href});
    });
    return (canvas, pen) => new Promise((done) => {
      const picture = pen.getImageData(0, 0, canvas.width, canvas.height), pixels = picture.data.buffer;
      worker.onmessage = (event) => done((event.data.codes[0] || {}).text);
      worker.postMessage({pixels, width: picture.width, height: picture.height}, [pixels]);
    });
  }

  setInterval(async () => {
    if (busy || drag || document.hidden) return;
    try {
      const plan = await ask('plan');
      if (!same(plan.online, online)) { online = plan.online; if (!drag) draw(); }
    } catch (error) { /* it is told when something is asked for */ }
  }, 5000);

  load().catch(() => tell('unreached', ''));
})();
