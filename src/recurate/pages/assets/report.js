"use strict";
// Everything is on the page without this: it folds, filters, copies and points out.

for (const button of document.querySelectorAll("button.fold")) {
  const steps = document.getElementById(button.getAttribute("aria-controls"));
  const all = [...steps.querySelectorAll("details")];
  const name = () => { button.textContent = all.every((one) => one.open) ? "Fold all" : "Unfold all"; };
  button.addEventListener("click", () => {
    const open = !all.every((one) => one.open);
    for (const one of all) one.open = open;
    name();
  });
  for (const one of all) one.addEventListener("toggle", name);
}

const filters = document.querySelector("form.filters");
if (filters) {
  const field = (name) => filters.querySelector("#" + name).value;
  const filter = () => {
    const words = field("search").toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const chapter of document.querySelectorAll("section.chapter")) {
      let inside = 0;
      const here = !field("chapter") || field("chapter") === chapter.dataset.chapter;
      for (const result of chapter.querySelectorAll(".result")) {
        const { text, verdict, standing, kinds } = result.dataset;
        const shown = here && words.every((word) => text.includes(word))
          && (!field("verdict") || field("verdict") === verdict)
          && (!field("standing") || field("standing") === standing)
          && (!field("kind") || kinds.split(" ").includes(field("kind")));
        result.hidden = !shown;
        inside += shown;
      }
      chapter.hidden = inside === 0;
      found += inside;
    }
    document.getElementById("found").textContent = found + " shown";
  };
  filters.addEventListener("input", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filter();
}

for (const graph of document.querySelectorAll(".graph svg")) {
  const point = (node) => {
    const name = node && node.dataset.name;
    for (const edge of graph.querySelectorAll(".edge"))
      edge.classList.toggle("near", name === edge.dataset.from || name === edge.dataset.to);
    graph.classList.toggle("chosen", Boolean(name));
  };
  const chosen = (event) => point(event.target.closest(".node") || event.target.querySelector(".node"));
  graph.addEventListener("mouseover", (event) => point(event.target.closest(".node")));
  graph.addEventListener("focusin", chosen);
  graph.addEventListener("mouseleave", () => point(null));
  graph.addEventListener("focusout", () => point(null));
}
