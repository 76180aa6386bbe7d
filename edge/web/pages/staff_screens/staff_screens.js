/* Each screen's picture, anew every few seconds for as long as the page is looked at. */
(function () {
  'use strict';
  /* A screen that says it is well and gives no picture is not well: what stands over the glass agrees with it. */
  function say(image, answers) {
    var card = image.closest('.card'), state = card.querySelector('.state'), note = image.nextElementSibling;
    var doubtful = !answers && state.getAttribute('data-tone') === 'ok';
    card.className = 'card ' + (doubtful ? 'bad' : state.getAttribute('data-tone'));
    state.textContent = state.getAttribute(doubtful ? 'data-silent' : 'data-word');
    note.textContent = note.getAttribute('data-none');
    note.hidden = answers;
  }
  function fetchOne(image) {
    if (document.hidden) { setTimeout(function () { fetchOne(image); }, 3000); return; }
    fetch('/staff/screens/' + image.getAttribute('data-screen') + '/picture').then(function (answer) {
      return answer.status === 200 ? answer.blob() : null;
    }).catch(function () { return null; }).then(function (blob) {
      if (image.src) URL.revokeObjectURL(image.src);
      image.hidden = !blob;
      say(image, !!blob);
      if (blob) image.src = URL.createObjectURL(blob); else image.removeAttribute('src');
      setTimeout(function () { fetchOne(image); }, blob ? 3000 : 6000);
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll('img[data-screen]'), fetchOne);
  Array.prototype.forEach.call(document.querySelectorAll('form[data-sure]'), function (form) {
    form.addEventListener('submit', function (event) { if (!confirm(form.getAttribute('data-sure'))) event.preventDefault(); });
  });
})();
