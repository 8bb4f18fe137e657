"use strict";
// What needs a script is hidden until there is one; the page says the same without it.
// What scrolls can be scrolled by keyboard; what is folded has no width until it is opened.
const reach = (part) => {
  for (const element of part.querySelectorAll(".wide, pre"))
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
};
const ready = (part) => {
  for (const element of part.querySelectorAll(".for-script"))
    element.hidden = element.matches(".copy") && !navigator.clipboard;
  reach(part);
};
ready(document);
document.addEventListener("toggle", () => reach(document), true);
document.addEventListener("replaced", (event) => ready(event.target)); // a part of a page

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const lines = button.parentElement.querySelector("pre").textContent;
  navigator.clipboard.writeText(lines).then(() => { button.textContent = "Copied"; });
});
