"use strict";
// What needs a script is hidden until there is one; the page says the same without it.
for (const element of document.querySelectorAll(".for-script")) element.hidden = false;

for (const button of document.querySelectorAll("button.copy")) {
  const lines = button.parentElement.querySelector("pre");
  if (!navigator.clipboard) button.hidden = true;
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(lines.textContent).then(() => { button.textContent = "Copied"; });
  });
}

// What scrolls can be scrolled by keyboard; what is folded has no width until it is opened.
const reach = () => {
  for (const element of document.querySelectorAll(".wide, pre"))
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
};
reach();
document.addEventListener("toggle", reach, true);
