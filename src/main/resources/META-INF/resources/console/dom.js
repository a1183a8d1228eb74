// Elements from calls. Text is put in as text: nothing here reads HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (name === "value" || name === "checked" || name === "selected" || name === "disabled") {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element: h("p", {class: "muted"}, "text", other). */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** An element of a drawing. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Puts other children into a place, and leaves the focus where it was by its data-key. */
export function put(place, ...children) {
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  place.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  if (key) {
    place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }
}

/** Draws a place anew only when what it shows has changed. */
export function region(place, view) {
  let shown;
  return (...facts) => {
    const now = JSON.stringify(facts);
    if (now !== shown) {
      shown = now;
      put(place, view(...facts));
    }
  };
}

/** A table whose rows are cards where it is narrow ("trio": three columns wide below their first cell). Cells are text, elements, or {class, content}. */
export function table(columns, rows, caption, shape = "") {
  const cell = (value, column) => {
    const shaped = value !== null && typeof value === "object" && !(value instanceof Node) && !Array.isArray(value);
    return h("td", { "data-label": column.label, class: [column.class, shaped ? value.class : ""].filter(Boolean).join(" ") || undefined },
      shaped ? value.content : value);
  };
  return h("table", { class: `cards ${shape}`.trim() },
    caption && h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", class: column.class }, column.label)))),
    h("tbody", {}, rows.map((row) => (row instanceof Node ? row : h("tr", row.properties ?? {}, (row.cells ?? row).map((value, i) => cell(value, columns[i])))))));
}

/** A panel with a heading. */
export function panel(title, properties, ...children) {
  const { side, ...rest } = properties;
  return h("section", { ...rest, class: `panel ${rest.class ?? ""}`.trim() },
    h("div", { class: "panel-head" }, h("h2", {}, title), side ?? null), ...children);
}

/** What is said where there is nothing to show yet. */
export function empty(title, ...more) {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), more.map((each) => (typeof each === "string" ? h("p", {}, each) : each)));
}

/** While the first answer is awaited. */
export function loading(what) {
  return h("div", { class: "loading", role: "status" }, h("span", { class: "spinner", "aria-hidden": "true" }), `Loading ${what}`);
}

/** Names and values. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}
