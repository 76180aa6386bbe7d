/* Each screen's picture, anew every few seconds for as long as the page is looked at. */
(function () {
  'use strict';
  function fetchOne(image) {
    if (document.hidden) { setTimeout(function () { fetchOne(image); }, 3000); return; }
    fetch('/staff/screens/' + image.getAttribute('data-screen') + '/picture').then(function (answer) {
      return answer.status === 200 ? answer.blob() : null;
    }).catch(function () { return null; }).then(function (blob) {
      if (image.src) URL.revokeObjectURL(image.src);
      image.hidden = !blob;
      image.nextElementSibling.hidden = !!blob;
      if (blob) image.src = URL.createObjectURL(blob); else image.removeAttribute('src');
      setTimeout(function () { fetchOne(image); }, blob ? 3000 : 6000);
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll('img[data-screen]'), fetchOne);
  Array.prototype.forEach.call(document.querySelectorAll('form[data-sure]'), function (form) {
    form.addEventListener('submit', function (event) { if (!confirm(form.getAttribute('data-sure'))) event.preventDefault(); });
  });
})();
