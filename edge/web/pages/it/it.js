// Keeps the page true: the part that moves is fetched again every five seconds while somebody looks.
"use strict";
const board = document.getElementById("board");
async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/it/board?lang=" + document.documentElement.lang);
    if (!answer.ok) { location.reload(); return; }
    const open = board.querySelector(".scroll"), place = open ? open.scrollTop : 0;
    board.innerHTML = await answer.text();
    const again = board.querySelector(".scroll");
    if (again) again.scrollTop = place;
    document.body.classList.remove("lost");
  } catch { document.body.classList.add("lost"); board.setAttribute("data-note", board.dataset.lost); }
}
if (board.dataset.lost) setInterval(look, 5000);
