/* The staff page: keeps it live, sends forms without leaving it. Without this file everything still works by forms. */
(function () {
  'use strict';
  function $(id) { return document.getElementById(id); }

  /* the login: a pad for fingers; a PIN that has to wait counts down */
  if ($('login')) {
    var pin = $('pin'), waiting = document.querySelector('[data-wait]');
    document.body.classList.add('padded');
    $('pad').hidden = false;
    /* The phone's own keyboard would hide the pad. */
    if (window.matchMedia('(pointer: coarse)').matches) pin.setAttribute('inputmode', 'none');
    $('pad').addEventListener('click', function (event) {
      var key = event.target.getAttribute('data-key');
      if (!key) return;
      pin.value = key === 'back' ? pin.value.slice(0, -1) : (pin.value + key).slice(0, 12);
    });
    if (waiting && +waiting.getAttribute('data-wait') > 0) {
      var left = +waiting.getAttribute('data-wait'), said = waiting.textContent, number = String(left);
      var tick = setInterval(function () {
        left -= 1;
        waiting.textContent = said.replace(number, String(Math.max(0, left)));
        if (left <= 0) { clearInterval(tick); waiting.hidden = true; }
      }, 1000);
    }
    return;
  }

  var page = JSON.parse($('words').textContent), words = page.words, board = $('board');
  var source = null, polling = null;

  function request() {
    if (window.crypto && crypto.randomUUID) return crypto.randomUUID();
    return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, function (c) { return (+c ^ Math.random() * 16 >> +c / 4).toString(16); });
  }

  /* times: how long ago */
  function ago(ms) {
    var minutes = Math.floor((Date.now() - ms) / 60000);
    if (minutes < 1) return words.just_now;
    if (minutes < 60) return words.minutes.replace('{n}', minutes);
    if (minutes < 1440) return words.hours.replace('{n}', Math.floor(minutes / 60));
    return new Date(ms).toLocaleDateString(page.language, { timeZone: page.timezone });
  }
  function times(root) {
    Array.prototype.forEach.call(root.querySelectorAll('time[data-ms]'), function (time) {
      var ms = +time.getAttribute('data-ms'), text = ago(ms);
      if (time.textContent !== text) time.textContent = text;
      time.title = new Date(ms).toLocaleString(page.language, { timeZone: page.timezone });
    });
  }

  /* merging: only what changed is replaced, and never under a finger that types */
  var shown = {};
  function bare(html) { return html.replace(/name="request" value="[^"]*"/g, ''); }
  function busy(item) { return item.contains(document.activeElement) && /^(INPUT|SELECT)$/.test(document.activeElement.tagName) && item.querySelector('details[open]'); }
  function merge(list, fresh, first) {
    var place = list.firstElementChild, keep = {};
    Array.prototype.slice.call(fresh.children).forEach(function (item) {
      var html = bare(item.outerHTML), old = item.id && $(item.id);
      keep[item.id] = true;
      if (old && old.parentNode === list) {
        if (shown[item.id] !== html && !busy(old)) {
          var open = old.querySelector('details[open]');
          shown[item.id] = html;
          if (open && item.querySelector('details')) item.querySelector('details').open = true;
          if (place === old) place = item;
          list.replaceChild(item, old);
          old = item;
        }
        if (old !== place) list.insertBefore(old, place); else place = place.nextElementSibling;
      } else {
        shown[item.id] = html;
        if (!first) item.classList.add('new');
        list.insertBefore(item, place);
      }
    });
    Array.prototype.slice.call(list.children).forEach(function (item) {
      if (!keep[item.id]) { delete shown[item.id]; list.removeChild(item); }
    });
  }
  function show(html) {
    if (!html) { location.reload(); return; }
    var fresh = new DOMParser().parseFromString(html, 'text/html');
    Array.prototype.forEach.call(board.querySelectorAll('section'), function (section) {
      var now = fresh.getElementById(section.id);
      if (!now) return;
      section.querySelector('h2').textContent = now.querySelector('h2').textContent;
      var was = section.querySelector('#broker'), is = now.querySelector('#broker');
      if (was && !is) was.remove();
      if (is && !was) section.insertBefore(is, section.querySelector('[data-list]'));
      var lists = section.querySelectorAll('[data-list]'), news = now.querySelectorAll('[data-list]');
      for (var i = 0; i < lists.length; i++) merge(lists[i], news[i], false);
    });
    times(board);
  }

  /* forms */
  /* What is wrong is said where it was typed, and nothing that was typed is lost. */
  function beside(form, text, code) {
    var old = form.querySelector('.err'), field = /phone|customer/.test(code || '') ? form.querySelector('[name=phone]') : /reason/.test(code || '') ? form.querySelector('[name=reason]') : null;
    if (old) old.remove();
    Array.prototype.forEach.call(form.querySelectorAll('[aria-invalid]'), function (each) { each.removeAttribute('aria-invalid'); each.removeAttribute('aria-describedby'); });
    if (!text) return;
    var said = document.createElement('p');
    said.className = 'err'; said.id = 'err-' + request(); said.setAttribute('role', 'alert'); said.textContent = text;
    var buttons = form.querySelectorAll('.btn, .choose');
    if (buttons.length) buttons[0].parentNode.insertBefore(said, buttons[0]); else form.appendChild(said);
    if (field) { field.setAttribute('aria-invalid', 'true'); field.setAttribute('aria-describedby', said.id); field.focus(); }
    said.scrollIntoView({ block: 'nearest' });
  }
  function complain(text) { $('problem').textContent = text; $('problem').hidden = !text; if (text) $('problem').scrollIntoView({ block: 'nearest' }); }
  document.addEventListener('submit', function (event) {
    var form = event.target, button = event.submitter || form.querySelector('button');
    if (form.getAttribute('action') !== '/staff/act' || !window.fetch) return;
    event.preventDefault();
    var body = new URLSearchParams(new FormData(form));
    if (event.submitter && event.submitter.name) body.set(event.submitter.name, event.submitter.value);
    if (!form.dataset.request) form.dataset.request = request();
    body.set('request', form.dataset.request);
    button.disabled = true;
    complain('');
    beside(form, '');
    var refused = false;
    fetch('/staff/act?lang=' + page.language, { method: 'POST', body: body, headers: { Accept: 'application/json' } }).then(function (answer) {
      if (answer.status === 401) { location.reload(); return null; }
      return answer.json().then(function (said) {
        /* A refusal is an answer: the next tap is a new request. */
        delete form.dataset.request;
        /* A form for what is gone goes with the next look: its refusal stands above all of them. */
        if (!answer.ok) { refused = true; button.disabled = false; if (said.code === 'page_outdated') complain(said.detail); else beside(form, said.detail, said.code); }
        else { var open = form.closest('details'); if (open) open.open = false; form.reset(); }
      });
    }).catch(function () { refused = true; beside(form, words.lost); }).then(function () {
      button.disabled = false;
      if (!refused && document.activeElement && document.activeElement.blur) document.activeElement.blur();
      refresh();
    });
  });

  /* the stream, and asking where it does not come through */
  function live(yes) { $('live').hidden = false; $('live').className = yes ? 'live' : 'live wait'; $('live').textContent = yes ? words.live : words.reconnecting; }
  function refresh() {
    return fetch('/staff/board?lang=' + page.language).then(function (answer) {
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok) return answer.text().then(show);
    }).catch(function () { live(false); });
  }
  function poll(yes) {
    if (yes && !polling) polling = setInterval(refresh, 3000);
    if (!yes && polling) { clearInterval(polling); polling = null; }
  }
  function follow() {
    if (source) source.close();
    if (!window.EventSource) { poll(true); return; }
    source = new EventSource('/staff/events?lang=' + page.language);
    source.onopen = function () { live(true); poll(false); };
    source.onmessage = function (event) { show(JSON.parse(event.data).html); };
    source.onerror = function () { live(false); poll(true); if (source.readyState === 2) setTimeout(follow, 3000); };
  }
  document.addEventListener('visibilitychange', function () {
    if (document.hidden) { if (source) source.close(); poll(false); } else { refresh(); follow(); }
  });
  Array.prototype.forEach.call(board.querySelectorAll('[data-list] > li'), function (item) { shown[item.id] = bare(item.outerHTML); });
  times(document);
  setInterval(function () { times(document); }, 20000);
  follow();
})();
