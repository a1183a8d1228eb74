// What the server does now, and what wants a person's eye.

import { legend, lineChart, spark } from "./charts.js";
import { empty, h, loading, panel, put, region, table } from "./dom.js";
import { digest, number, seconds, small, when } from "./format.js";
import { state, watch } from "./store.js";
import { jobState, level, meter } from "./views.js";

const SPARK = 120;
const SPAN = 600_000;
const JOBS = 6;
const EVENTS = 8;

function tile(name, value, unit, detail, series) {
  return h("div", { class: "tile" },
    h("h3", {}, name), h("p", { class: "figure" }, value, unit && h("span", { class: "unit" }, unit)),
    h("p", { class: "detail" }, detail), spark(series));
}

function tiles(figures) {
  const now = figures[figures.length - 1];
  if (!now) {
    return loading("the first figures");
  }
  const late = figures.slice(-SPARK);
  const of = (read) => late.map(read);
  const spread = (value) => (value ? `95 % under ${seconds(value.high)}` : "none ended lately");
  return [
    tile("Generated", number(now.generated), "tokens/s", `${number(now.prompt)} prompt tokens/s`, of((each) => each.generated)),
    tile("Requests", number(now.ended), "/s", now.failed ? `${number(now.failed)} /s refused or failed` : "none failed", of((each) => each.ended)),
    tile("Running", number(now.running), null, `${number(now.waiting)} waiting`, of((each) => each.running)),
    tile("First token", seconds(now.firstToken?.median), null, spread(now.firstToken), of((each) => each.firstToken?.median ?? null)),
    tile("Per token", seconds(now.outputToken?.median), null, spread(now.outputToken), of((each) => each.outputToken?.median ?? null)),
    tile("Whole answer", seconds(now.whole?.median), null, spread(now.whole), of((each) => each.whole?.median ?? null)),
  ];
}

function modelLine(model) {
  if (!model) {
    return null;
  }
  return [
    h("b", {}, model.name), `${model.family} · ${model.precision} on ${model.device} · batch ${model.maxBatch} · ${number(model.maxSequenceTokens)} tokens · `,
    h("code", { title: model.digest }, digest(model.digest)),
  ];
}

function adapters(all, feedback, reports) {
  if (all === null) {
    return loading("adapters");
  }
  if (all.length === 0) {
    return empty("No adapters yet", "The first correction or upload makes one.", h("a", { class: "button", href: "#/adapters" }, "Upload an adapter"));
  }
  return table(
    [{ label: "Adapter" }, { label: "Served by" }, { label: "Drift" }, { label: "New corrections" }],
    all.map((each) => {
      const told = (feedback ?? []).find((one) => one.adapter === each.adapter);
      const fresh = Number(told?.sinceLastTuning ?? 0);
      const whole = fresh + Number(told?.needed ?? 0);
      return [
        h("a", { href: `#/adapters/${each.adapter}`, "data-key": `to-${each.adapter}` }, each.adapter),
        each.activeRevision ? `revision ${each.activeRevision}${each.scale < 1 ? ` at ${each.scale.toFixed(2)}` : ""}` : h("span", { class: "muted" }, "base"),
        reports[each.adapter] && each.activeRevision ? level(reports[each.adapter].level) : h("span", { class: "muted" }, "–"),
        told && whole > 0 ? meter(fresh / whole, `${fresh} of ${whole}`) : h("span", { class: "muted" }, "none"),
      ];
    }),
    "Adapters");
}

function jobs(all) {
  if (all === null) {
    return loading("jobs");
  }
  if (all.length === 0) {
    return empty("No tuning jobs yet", "A job begins by itself when there are enough corrections.");
  }
  return table(
    [{ label: "Adapter" }, { label: "State" }, { label: "Progress" }, { label: "Updated" }],
    all.slice(0, JOBS).map((job) => [
      h("a", { href: `#/tuning/${job.jobId}`, "data-key": `job-${job.jobId}` }, job.adapter),
      jobState(job.state),
      job.steps ? meter(job.step / job.steps, `${job.step} of ${job.steps}`) : h("span", { class: "muted" }, small(job.state, "TUNING_STATE_") === "queued" ? "waits for a tuner" : "–"),
      when(job.updated),
    ]),
    "Tuning jobs");
}

function actions(reports) {
  const events = Object.values(reports).flatMap((report) => report.events).sort((a, b) => b.acted.localeCompare(a.acted)).slice(0, EVENTS);
  if (events.length === 0) {
    return empty("Nothing has drifted", "What the governor does about a drift is told here.");
  }
  return h("ul", { class: "events" }, events.map((event) => h("li", {},
    h("span", { class: "muted time" }, when(event.acted)), level(event.level),
    h("a", { href: `#/drift/${event.adapter}`, "data-key": `event-${event.acted}-${event.metric}` }, `${event.adapter}@${event.revision}`), ` ${event.metric.replaceAll("_", " ")}`,
    event.action !== "none" && h("b", {}, ` → ${event.action}${event.outcome === "done" ? "" : ` (${event.outcome.replace("_", " ")})`}`))));
}

export function show(root) {
  const line = h("p", { class: "model-line" });
  const figures = h("div", { class: "tiles" }, loading("figures"));
  const through = lineChart({ label: "Tokens a second over the last ten minutes", series: [{ name: "generated" }, { name: "prompt", color: "--line-2" }], format: number, max: 1 });
  const latency = lineChart({ label: "Seconds to the first token over the last ten minutes", series: [{ name: "median" }, { name: "95 %", color: "--line-2" }], format: seconds, max: 0.01 });
  const keys = [h("div"), h("div")];
  const places = [h("div"), h("div"), h("div")];
  put(root,
    h("h1", { class: "unseen" }, "Overview"), line, figures,
    h("div", { class: "grid two" },
      panel("Throughput", { side: keys[0] }, through.element),
      panel("Time to first token", { side: keys[1] }, latency.element)),
    h("div", { class: "grid three" },
      panel("Adapters", {}, places[0]), panel("Tuning", {}, places[1]), panel("Drift and what was done", {}, places[2])));
  const regions = [region(places[0], adapters), region(places[1], jobs), region(places[2], actions)];
  const stops = [
    watch(["figures", "model"], () => {
      put(line, modelLine(state.model));
      const all = state.figures;
      if (all === null) {
        return;
      }
      put(figures, tiles(all));
      const now = all[all.length - 1];
      const range = now ? { min: Math.max(now.time - SPAN, Math.min(all[0].time, now.time - SPAN / 20)), max: now.time } : {};
      through.set([all.map((each) => ({ x: each.time, y: each.generated })), all.map((each) => ({ x: each.time, y: each.prompt }))], [], range);
      latency.set([all.map((each) => ({ x: each.time, y: each.firstToken?.median ?? null })), all.map((each) => ({ x: each.time, y: each.firstToken?.high ?? null }))], [], range);
      put(keys[0], legend([{ name: "generated", value: `${number(now?.generated)} /s` }, { name: "prompt", value: `${number(now?.prompt)} /s` }]));
      put(keys[1], legend([{ name: "median", value: seconds(now?.firstToken?.median) }, { name: "95 %", value: seconds(now?.firstToken?.high) }]));
    }),
    watch(["adapters", "feedback", "reports"], () => {
      regions[0](state.adapters, state.feedback, state.reports);
      regions[2](state.reports);
    }),
    watch(["jobs"], () => regions[1](state.jobs)),
  ];
  return () => {
    stops.forEach((stop) => stop());
    through.destroy();
    latency.destroy();
  };
}

