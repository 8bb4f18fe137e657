"use strict";
// The page is whole without this: it asks for the answer while a control moves, and puts it in place.
{
  const byId = (id) => document.getElementById(id);
  const form = byId("controls"), answer = byId("answer"), error = byId("error");
  const sliders = [...form.querySelectorAll("input[type=range]")];
  const SOON = 40, TYPED = 350, REST = 400; // milliseconds until a change is asked about
  let asked = null, later = 0, by = form.dataset.by;

  const stops = (slider) => slider.dataset.stops.split(" ");
  const value = (text) => (text === "" ? NaN : Number(text.replace(/^(inf.*|∞)$/i, "Infinity")));

  // A slider stands at the stop that is nearest to what its field holds.
  const follow = (slider) => {
    const goal = value(form.elements[slider.dataset.of].value.trim());
    const far = stops(slider).map((stop) => Math.abs(value(stop) - goal) || 0);
    if (!Number.isNaN(goal)) {
      if (goal === Infinity) slider.value = stops(slider).length - 1;
      else slider.value = far.indexOf(Math.min(...far));
    }
    slider.setAttribute("aria-valuetext", form.elements[slider.dataset.of].value);
  };

  // The share of real data and λ are one number: what was typed last counts.
  const query = () => {
    const fields = new URLSearchParams();
    for (const field of form.elements) {
      const other = ["lam", "real-fraction"].includes(field.name) && field.name !== by;
      if (field.name && !other) fields.set(field.name, field.value.trim());
    }
    return fields;
  };

  const fill = (fields, all) => {
    for (const [name, text] of Object.entries(fields)) {
      const field = form.elements[name];
      if (field && (all || field !== document.activeElement)) field.value = text;
    }
    for (const slider of sliders) if (all || slider !== document.activeElement) follow(slider);
  };

  const put = (id, html) => {
    const part = byId(id);
    // Whoever has gone to a chart or a table by keyboard stays there.
    const places = () => [...part.querySelectorAll("[tabindex], a, button, summary")];
    const place = places().indexOf(document.activeElement);
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    const parsed = new DOMParser().parseFromString(html, "text/html");
    part.replaceChildren(...parsed.body.childNodes);
    part.querySelectorAll("details").forEach((one, i) => { one.open = open[i] ?? false; });
    part.dispatchEvent(new Event("replaced", { bubbles: true }));
    places()[place]?.focus({ preventScroll: true });
  };

  const complain = (text) => {
    error.textContent = text;
    error.hidden = !text;
    for (const id of ["answer", "use"]) byId(id).classList.toggle("stale", Boolean(text));
  };

  const show = (found, all) => {
    fill(found.fields, all);
    complain(found.error ?? "");
    if (found.error !== undefined) return;
    document.title = `${found.heading} · recurate`;
    byId("heading").textContent = found.heading;
    put("use", found.use);
    put("answer", found.answer);
  };

  // A newer question takes the place of an older one, which the server then gives up.
  const ask = async (fields, { soon = false, all = false } = {}) => {
    asked?.abort();
    const own = (asked = new AbortController());
    if (soon) fields.set("soon", "");
    answer.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(`answer?${fields}`, { signal: own.signal });
      if (!response.ok) throw new Error("recurate could not answer; its terminal says why");
      const found = await response.json();
      show(found, all);
      answer.removeAttribute("aria-busy");
      return found;
    } catch (failure) {
      if (own.signal.aborted) return null;
      answer.removeAttribute("aria-busy");
      const is_gone = failure instanceof TypeError;
      complain(is_gone ? "recurate explore has ended: start it again" : failure.message);
      return null;
    }
  };

  // Where the controls rest, bands are added, the state gets an address, and is read out.
  const rest = async (found) => {
    const whole = found.error === undefined && !found.is_whole ? await ask(query()) : found;
    if (!whole) return;
    const place = `?${whole.query ?? query()}`;
    if (place !== location.search) history.pushState(null, "", place);
    byId("said").textContent = whole.said ?? "";
  };

  const change = (wait) => {
    clearTimeout(later);
    later = setTimeout(async () => {
      const found = await ask(query(), { soon: true });
      if (found) later = setTimeout(() => rest(found), REST);
    }, wait);
  };

  form.addEventListener("input", (event) => {
    const { dataset, name, value: at, type } = event.target;
    let moved = name;
    if (type === "range") {
      moved = dataset.of;
      form.elements[moved].value = stops(event.target)[at];
    }
    if (moved === "lam" || moved === "real-fraction") by = moved;
    for (const slider of sliders) if (slider !== event.target) follow(slider);
    if (type === "range") event.target.setAttribute("aria-valuetext", form.elements[moved].value);
    change(type === "text" ? TYPED : SOON);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    change(0);
  });
  window.addEventListener("popstate", async () => {
    clearTimeout(later);
    const fields = new URLSearchParams(location.search);
    by = fields.has("real-fraction") ? "real-fraction" : "lam";
    const found = await ask(fields, { all: true });
    byId("said").textContent = found?.said ?? "";
  });

  for (const slider of sliders) follow(slider);
}
