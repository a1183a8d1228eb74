// Questions before something is changed. What the server refuses is shown in the dialog, which stays.

import { h, put } from "./dom.js";

let count = 0;

/** One field of a form: text, textarea, number, checkbox, select or file. */
export function field({ name, label, hint, kind = "text", value = "", options, ...more }) {
  const id = `field-${++count}`;
  const described = hint ? `${id}-hint` : undefined;
  const common = { id, name, "aria-describedby": described, ...more };
  let input;
  if (kind === "select") {
    input = h("select", common, options.map((each) => h("option", { value: each.value, selected: each.value === value }, each.label)));
  } else if (kind === "textarea") {
    input = h("textarea", { rows: 3, ...common }, value);
  } else if (kind === "checkbox") {
    input = h("input", { type: "checkbox", ...common, checked: Boolean(value) });
    return h("div", { class: "field check" }, input, h("label", { for: id }, label), hint && h("p", { class: "hint", id: described }, hint));
  } else {
    input = h("input", { type: kind, ...common, value: kind === "file" ? undefined : value });
  }
  return h("div", { class: "field" }, h("label", { for: id }, label), input, hint && h("p", { class: "hint", id: described }, hint));
}

/** Everything a form's fields say. */
export function values(form) {
  const all = {};
  for (const input of form.elements) {
    if (input.name) {
      all[input.name] = input.type === "checkbox" ? input.checked : input.type === "file" ? [...input.files] : input.value;
    }
  }
  return all;
}

/**
 * Asks, and does it when that is confirmed.
 *
 * title; text: what follows from it; fields; action: the button's word; danger: whether it takes something
 * away; run(values, tell): does it, telling of progress; resolves with what that returns, or undefined when given up.
 */
export function ask({ title, text, fields = [], action, danger = false, run, keep = false }) {
  return new Promise((resolve) => {
    const said = h("div", { class: "said", "aria-live": "assertive" });
    const confirm = h("button", { type: "submit", class: danger ? "danger" : "primary" }, action);
    const cancel = h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel");
    const form = h("form", { method: "dialog", onsubmit: submit },
      h("h2", { id: "dialog-title" }, title), text && h("p", { class: "muted" }, text), fields, said,
      h("div", { class: "buttons" }, keep ? null : cancel, confirm));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
    let result;
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    if (keep) {
      dialog.addEventListener("cancel", (event) => event.preventDefault());
    }
    async function submit(event) {
      event.preventDefault();
      confirm.disabled = true;
      put(said, h("p", { class: "muted" }, "Working"));
      try {
        result = (await run(values(form), (progress) => put(said, progress))) ?? true;
        dialog.close();
      } catch (error) {
        put(said, h("p", { class: "refusal", role: "alert" }, error.message));
        confirm.disabled = false;
      }
    }
    document.body.append(dialog);
    dialog.showModal();
  });
}

let fading;

/** Says that something was done. */
export function tell(words) {
  const notice = document.getElementById("notice");
  put(notice, h("p", { class: "toast" }, words));
  clearTimeout(fading);
  fading = setTimeout(() => put(notice), 6000);
}
