// Parts that several pages show: states, levels, the gate's reports.

import { facts, h, table } from "./dom.js";
import { fixed, small } from "./format.js";

const TONES = {
  active: "ok", published: "ok", stable: "ok", passed: "ok", done: "ok",
  canary: "info", training: "info", evaluating: "info", queued: "info", advised: "info",
  warning: "warn", staged: "quiet", retired: "quiet", cancelled: "quiet",
  rejected: "bad", quarantined: "bad", failed: "bad", drift: "bad", refused: "bad", "not done": "warn",
};

/** A state in a word, told by colour as well. */
export function pill(word) {
  return h("span", { class: `pill ${TONES[word] ?? "quiet"}` }, word);
}

export function level(name) {
  return pill(small(name, "DRIFT_LEVEL_"));
}

export function revisionState(name) {
  return pill(small(name, "REVISION_STATE_"));
}

export function jobState(name) {
  return pill(small(name, "TUNING_STATE_"));
}

/** A share of a whole as a bar with its words beside it. */
export function meter(share, words, tone = "") {
  const bar = h("progress", { max: 1, class: tone, "aria-label": words });
  bar.value = Math.max(0, Math.min(1, share));
  return h("span", { class: "meter" }, bar, h("span", {}, words));
}

/** What the gate found, check by check. */
export function gateReport(gate) {
  if (!gate) {
    return h("p", { class: "muted" }, "No gate has seen it: it was uploaded, or its job has not come so far.");
  }
  return h("div", { class: "gate" },
    h("p", { class: "gate-verdict" }, pill(gate.passed ? "passed" : "refused"), gate.passed ? " The gate let it through." : " The gate refused it."),
    table(
      [{ label: "Check" }, { label: "Value", class: "num" }, { label: "Limit", class: "num" }, { label: "Verdict" }, { label: "Detail" }],
      gate.checks.map((check) => [check.name.replaceAll("_", " "), fixed(check.value), fixed(check.limit), pill(check.passed ? "passed" : "refused"), { class: "detail", content: check.detail || "–" }]),
      "The gate's checks"));
}

export { facts };
