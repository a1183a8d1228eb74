// How served revisions stand against base: the detectors' figures over their thresholds, and what was done about it.

import { get, rpc } from "./api.js";
import { lineChart, lineColor } from "./charts.js";
import { empty, facts, h, loading, panel, put, region, table } from "./dom.js";
import { fixed, number, percent, power, small, when } from "./format.js";
import { state, watch } from "./store.js";
import { level, meter, pill } from "./views.js";

const SHOWN = 6;
const FLOOR = 1e-6;
const LOOK_MILLIS = 5000;
const COLORS = { damp: "--warn", rollback: "--bad", quarantine: "--bad", retrain: "--info", promote: "--ok", withdraw: "--warn", warn: "--warn" };
const REFERENCES = {
  DRIFT_REFERENCE_ENVELOPE: ["the gate's envelope", "What the gate saw of it: answers outside that raise an alarm, differences that it saw do not"],
  DRIFT_REFERENCE_BASE: ["a distance from base", "No gate has seen it: this warns at most"],
  DRIFT_REFERENCE_UNSPECIFIED: ["nothing", "Base serves it"],
};

function named(metric) {
  return `${metric.name.replaceAll("_", " ")}${metric.direction === "less" ? ", less" : ""}`;
}

function key(metric) {
  return `${metric.name} ${metric.direction}`;
}

function standing(report) {
  const shadow = report.shadow;
  return facts([
    ["Level", level(report.level)],
    ["Revision", report.revision ? `${report.revision} at ${report.scale.toFixed(2)}` : "base"],
    ["Held against", h("span", { title: REFERENCES[report.reference][1] }, REFERENCES[report.reference][0])],
    ["Read by base", `${number(report.answersRead)} answers, ${number(report.tokensObserved)} tokens`],
    shadow && ["Share read", `${percent(shadow.share)} of requests`],
    shadow && ["Not read", `${number(shadow.leftOut)} left out, ${number(shadow.failed)} failed`],
    report.canaryReport && ["Canary", [`revision ${report.canaryReport.revision} `, level(report.canaryReport.level)]],
  ]);
}

function metrics(all, colors, base) {
  if (all.length === 0 && base) {
    return empty("Served by base", "There is nothing to hold against base until a revision is served.");
  }
  if (all.length === 0) {
    return empty("No answer has been read yet", "Base reads a share of this revision's live answers; the first few warm the detectors up.");
  }
  return table(
    [{ label: "Metric" }, { label: "Base", class: "num" }, { label: "Tuned", class: "num" }, { label: "Above what is allowed", class: "num" }, { label: "Alarm" }, { label: "Warning" }, { label: "Level" }],
    all.map((each) => [
      h("span", {}, h("span", { class: `swatch ${(colors[key(each)] ?? "--line-0").slice(2)}`, "aria-hidden": "true" }), named(each)),
      { class: "num", content: fixed(each.base) }, { class: "num", content: fixed(each.tuned) }, { class: "num", content: each.excess > 0 ? fixed(each.excess) : "–" },
      meter(each.threshold ? each.statistic / each.threshold : 0, percent(each.statistic / each.threshold), "bad"),
      meter(each.warningThreshold ? each.warningStatistic / each.warningThreshold : 0, percent(each.warningStatistic / each.warningThreshold), "warn"),
      level(each.level),
    ]),
    "Metrics of the tuned revision against base", "trio");
}

function events(all) {
  if (all.length === 0) {
    return empty("Nothing was done", "Each change of level, and what the governor did about it, is told here.");
  }
  return table(
    [{ label: "Time", class: "short" }, { label: "Metric" }, { label: "Level" }, { label: "Cause", class: "short" }, { label: "Action", class: "short" }, { label: "Why" }],
    all.toReversed().map((each) => [
      when(each.acted), `${each.metric.replaceAll("_", " ")}${each.direction === "less" ? ", less" : ""}`, level(each.level), each.cause,
      [h("b", {}, each.action), " ", each.action !== "none" && pill(small(each.outcome, ""))],
      { class: "detail", content: [each.reason, !each.reason.includes(each.detail) && h("span", { class: "muted" }, ` ${each.detail}`)] },
    ]),
    "Signals and actions, newest first");
}

function probes(all, probed) {
  if (all.length === 0) {
    return empty("No probes were run", "They run after a publish and on a schedule, in idle time.");
  }
  return [
    h("p", { class: "muted" }, `Asked ${when(probed)}`),
    table([{ label: "Task" }, { label: "Questions", class: "num" }, { label: "Base", class: "num" }, { label: "Tuned", class: "num" }],
      all.map((each) => [each.task, { class: "num", content: number(each.examples) }, { class: "num", content: percent(each.baseAccuracy, 1) }, { class: "num", content: percent(each.tunedAccuracy, 1) }]), "Probes"),
  ];
}

/** The latest levels choose which metrics have a colour of their own. */
function colored(points) {
  const last = points[points.length - 1];
  const order = (last?.metrics ?? []).toSorted((a, b) => b.evidence - a.evidence || b.warning - a.warning).slice(0, SHOWN);
  return Object.fromEntries(order.map((each, i) => [key(each), lineColor(i)]));
}

export function show(root, [name]) {
  const tabs = h("nav", { class: "tabs", "aria-label": "Adapters" });
  const body = h("div", { class: "stack" }, loading("drift"));
  put(root, h("div", { class: "page-head" }, h("h1", {}, "Drift")), tabs, body);
  let gone = false;
  let timer;
  let charts = [];
  let parts = null;
  let chosen;

  function build() {
    charts.forEach((each) => each.destroy());
    const empties = Array.from({ length: SHOWN }, (_, i) => ({ name: "", color: lineColor(i) }));
    charts = [
      lineChart({ label: "Evidence of drift over its threshold", series: empties, format: power, log: true, threshold: 1, thresholdName: "drift" }),
      lineChart({ label: "Page's sum over its threshold", series: empties, format: (value) => Number(value).toFixed(2), threshold: 1, thresholdName: "warning", max: 1.1 }),
    ];
    parts = { standing: h("div"), metrics: h("div"), events: h("div"), probes: h("div"), note: h("p", { class: "muted note" }) };
    parts.charts = h("div", { class: "grid two", hidden: true },
      panel("Evidence over its threshold", {}, charts[0].element), panel("Warning sum over its threshold", {}, charts[1].element));
    put(body,
      panel("Standing", {}, parts.standing),
      parts.charts, parts.note,
      panel("Metrics", {}, parts.metrics), panel("Signals and the governor's actions", {}, parts.events), panel("Probes", {}, parts.probes));
    parts.regions = [region(parts.standing, standing), region(parts.metrics, metrics), region(parts.events, events), region(parts.probes, probes)];
  }

  async function look() {
    clearTimeout(timer);
    timer = setTimeout(look, LOOK_MILLIS);
    if (!chosen) {
      return;
    }
    const of = chosen;
    let report;
    let points;
    try {
      [report, points] = await Promise.all([rpc("Drift", "Report", { adapter: of }), get(`series/drift/${encodeURIComponent(of)}`)]);
    } catch (error) {
      if (!gone && of === chosen && parts === null) {
        put(body, h("p", { class: "refusal", role: "alert" }, error.message));
      }
      return;
    }
    if (gone || of !== chosen) {
      return;
    }
    if (parts === null) {
      build();
    }
    const colors = colored(points);
    const order = Object.keys(colors);
    const marks = report.events.filter((each) => each.action !== "none").map((each) => ({ x: Date.parse(each.acted), label: each.action, color: COLORS[each.action] }));
    const times = [...points.map((each) => each.time), ...marks.map((each) => each.x)];
    const range = times.length ? { min: Math.min(...times) - 2000, max: Math.max(...times) + 2000 } : {};
    for (const [chart, figure] of [[charts[0], "evidence"], [charts[1], "warning"]]) {
      const lines = order.map((metric) => points.map((point) => ({ x: point.time, y: Math.max(figure === "evidence" ? FLOOR : 0, point.metrics.find((each) => key(each) === metric)?.[figure] ?? 0) })));
      while (lines.length < SHOWN) {
        lines.push([]);
      }
      chart.set(lines, marks, range);
    }
    parts.charts.hidden = points.length === 0;
    put(parts.note, points.length ? `${number(points.length)} points since ${when(points[0].time)}; kept while the server runs.` : report.revision ? "No series yet: it begins with the next answer that base reads." : null);
    parts.regions[0](report);
    parts.regions[1](report.metrics, colors, report.revision === 0);
    parts.regions[2](report.events);
    parts.regions[3](report.probes, report.probed);
  }

  const tabbed = region(tabs, (all, now, reports) => all.map((each) =>
    h("a", { href: `#/drift/${each.adapter}`, "aria-current": each.adapter === now ? "page" : undefined, "data-key": `tab-${each.adapter}` }, each.adapter,
      reports[each.adapter] && reports[each.adapter].level !== "DRIFT_LEVEL_STABLE" ? [" ", level(reports[each.adapter].level)] : null)));
  const stop = watch(["adapters", "reports", "drift"], () => {
    const all = state.adapters;
    if (all === null) {
      return;
    }
    const next = all.find((each) => (name ? each.adapter === name : each.activeRevision > 0))?.adapter ?? (name ? undefined : all[0]?.adapter);
    tabbed(all, next, state.reports);
    if (!next) {
      put(body, panel("Nothing is watched", {}, empty(name ? `There is no adapter ${name}` : "No adapters yet", "What serves answers other than base is watched here against base.")));
      return;
    }
    const moved = next !== chosen;
    chosen = next;
    if (moved || state.reports[next]) {
      look();
    }
  });
  return () => {
    gone = true;
    stop();
    clearTimeout(timer);
    charts.forEach((each) => each.destroy());
  };
}
