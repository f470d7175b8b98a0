"use strict";
// Sorting: the button in a column's head sorts by each cell's data-key, numbers as numbers.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const column = [...head.parentElement.children].indexOf(head);
    const body = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.children[column].dataset.key ?? row.children[column].textContent;
    const rows = [...body.rows].sort((a, b) => {
      const [one, two] = [key(a), key(b)];
      // What was not measured stays at the end either way.
      if (one === "" || two === "") return (one === "") - (two === "");
      const order = isNaN(one) || isNaN(two) ? one.localeCompare(two) : one - two;
      return down ? -order : order;
    });
    body.append(...rows);
  });
}
// Playing: one clip at a time; the same button stops it.
let playing = null;
function stop() {
  if (!playing) return;
  playing.sound.pause();
  playing.button.setAttribute("aria-pressed", "false");
  playing = null;
}
for (const button of document.querySelectorAll("button.play")) {
  button.addEventListener("click", () => {
    const same = playing && playing.button === button;
    stop();
    if (same) return;
    const sound = document.getElementById(button.dataset.clip);
    sound.currentTime = 0;
    sound.onended = stop;
    playing = { button, sound };
    button.setAttribute("aria-pressed", "true");
    sound.play();
  });
}
