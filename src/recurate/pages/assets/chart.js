"use strict";
// A chart's values beside the pointer, or by the arrow keys: what its places say without a script.
// Events of the whole document are heard, so that charts may be replaced at any time.
{
  let readout = null, at = null;

  const hide = () => {
    readout?.remove();
    at?.classList.remove("at");
    readout = at = null;
  };

  // A browser would show the title as well, and later.
  const told = (place) => {
    const title = place.querySelector("title");
    if (title) {
      place.dataset.told = title.textContent;
      title.remove();
    }
    return place.dataset.told.split("\n");
  };

  const show = (place) => {
    if (place === at) return;
    hide();
    const figure = place.closest("figure");
    const keys = figure.querySelectorAll(".keys svg");
    at = place;
    at.classList.add("at");
    readout = document.createElement("div");
    readout.className = "readout";
    readout.setAttribute("role", "status");
    told(place).forEach((text, i) => {
      const line = document.createElement("div");
      const key = place.closest("svg").dataset.series > i - 1 && i > 0 ? keys[i - 1] : null;
      if (key) line.append(key.cloneNode(true));
      line.append(text);
      readout.append(line);
    });
    figure.append(readout);
    // Below the place, so that no value is covered, or above where the window ends.
    const frame = figure.getBoundingClientRect(), box = place.getBoundingClientRect();
    const size = readout.getBoundingClientRect();
    const x = (box.left + box.right - size.width) / 2 - frame.left;
    const hasRoom = box.bottom + size.height + 6 <= window.innerHeight || box.top < size.height;
    const y = hasRoom ? box.bottom + 4 : box.top - size.height - 4;
    readout.style.left = `${Math.min(Math.max(x, 0), Math.max(frame.width - size.width, 0))}px`;
    readout.style.top = `${y - frame.top}px`;
  };

  const placeOf = (event) => event.target.closest?.(".chart .place");

  for (const name of ["pointerover", "pointerdown"]) {
    document.addEventListener(name, (event) => {
      const place = placeOf(event);
      if (place) show(place);
      else hide();
    });
  }
  document.documentElement.addEventListener("pointerleave", hide);
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    const chart = event.target.closest?.("svg.chart");
    if (!chart) return;
    const places = [...chart.querySelectorAll(".place")];
    const now = places.indexOf(at), last = places.length - 1;
    const next = {
      ArrowRight: now + 1, ArrowDown: now + 1, ArrowLeft: now < 0 ? last : now - 1,
      ArrowUp: now < 0 ? last : now - 1, Home: 0, End: last,
    }[event.key];
    if (event.key === "Escape") hide();
    if (next === undefined || !places.length) return;
    event.preventDefault();
    show(places[Math.min(Math.max(next, 0), last)]);
  });
}
