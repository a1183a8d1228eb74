// Tuning jobs: their losses as they run, and how the gate judged what came of them.

import { get, rpc } from "./api.js";
import { legend, lineChart } from "./charts.js";
import { ask, tell } from "./dialog.js";
import { empty, facts, h, loading, panel, put, region, table } from "./dom.js";
import { digest, fixed, number, when } from "./format.js";
import { reload, state, watch } from "./store.js";
import { gateReport, jobState, meter } from "./views.js";

const UNDER_WAY = ["TUNING_STATE_QUEUED", "TUNING_STATE_TRAINING", "TUNING_STATE_EVALUATING"];

function askToCancel(job) {
  return ask({
    title: `Cancel the job of ${job.adapter}`,
    text: "It ends at its next step and nothing comes of it. Its corrections are kept.",
    action: "Cancel the job",
    danger: true,
    async run() {
      await rpc("Tuning", "Cancel", { jobId: job.jobId });
      await reload.jobs();
      tell(`The job of ${job.adapter} is cancelled`);
    },
  });
}

function list(all, chosen) {
  if (all === null) {
    return loading("jobs");
  }
  if (all.length === 0) {
    return empty("No tuning jobs yet", "A job begins by itself when an adapter has enough new corrections, or when somebody starts one on its page.", h("a", { class: "button", href: "#/adapters" }, "To the adapters"));
  }
  return table(
    [{ label: "Job" }, { label: "Adapter" }, { label: "State" }, { label: "Progress" }, { label: "Started by" }, { label: "Examples", class: "num" }, { label: "Updated" }],
    all.map((job) => ({
      properties: { class: job.jobId === chosen ? "current" : undefined },
      cells: [
        h("a", { href: `#/tuning/${job.jobId}`, "data-key": `job-${job.jobId}`, "aria-current": job.jobId === chosen ? "page" : undefined }, h("code", {}, job.jobId.slice(0, 8))),
        job.adapter, jobState(job.state),
        job.steps ? meter(job.step / job.steps, `${job.step} of ${job.steps}`) : h("span", { class: "muted" }, "–"),
        job.trigger, { class: "num", content: number(job.examples) }, when(job.updated),
      ],
    })),
    "Tuning jobs, newest first");
}

function what(job) {
  return [
    job.error && h("p", { class: "refusal" }, job.error),
    facts([
      ["Adapter", h("a", { href: `#/adapters/${job.adapter}`, "data-key": "adapter" }, job.adapter)],
      ["Recipe", job.recipe], ["Device", job.device || "–"],
      ["Examples", `${number(job.examples)}, of them ${number(job.validationExamples)} held out`],
      ["Speed", job.tokensPerSecond ? `${number(job.tokensPerSecond)} tokens/s` : "–"],
      ["Training loss", job.step ? fixed(job.trainLoss) : "–"],
      ["Validation loss", job.validationLoss ? fixed(job.validationLoss) : "–"],
      job.publishedRevision > 0 && ["Became", h("a", { href: `#/adapters/${job.adapter}/${job.publishedRevision}`, "data-key": "became" }, `revision ${job.publishedRevision}`)],
      ["Job", h("code", { title: job.jobId }, digest(job.jobId))],
    ]),
  ];
}

export function show(root, [id]) {
  const jobs = h("div");
  const head = h("div", { class: "buttons" });
  const said = h("div");
  const gate = h("div");
  const key = h("div");
  const chart = lineChart({ label: "Loss by step", series: [{ name: "training" }, { name: "validation", color: "--line-2" }], format: (value) => Number(value).toFixed(2), x: "step" });
  const curve = h("div", {}, chart.element);
  const title = h("h2", {}, "Job");
  const job = h("section", { class: "panel", hidden: true }, h("div", { class: "panel-head" }, title, head), h("div", { class: "grid two tight" }, said, h("div", {}, key, curve)), gate);
  put(root, h("div", { class: "page-head" }, h("h1", {}, "Tuning")), h("div", { class: "stack" }, job, panel("Jobs", {}, jobs)));
  const regions = {
    list: region(jobs, list),
    what: region(said, what),
    gate: region(gate, (report, ended) => (report || ended ? [h("h3", {}, "Gate"), gateReport(report)] : null)),
    head: region(head, (one) => [jobState(one.state), UNDER_WAY.includes(one.state) && h("button", { type: "button", class: "danger", "data-key": "cancel", onclick: () => askToCancel(one) }, "Cancel")]),
  };
  let gone = false;
  let drawn = "";
  async function draw(one) {
    const now = `${one.jobId} ${one.step} ${one.state}`;
    if (now === drawn) {
      return;
    }
    drawn = now;
    const points = await get(`series/losses/${one.jobId}`).catch(() => []);
    if (gone || now !== drawn) {
      return;
    }
    curve.hidden = points.length === 0;
    put(key, points.length === 0
      ? empty(UNDER_WAY.includes(one.state) ? "No step yet" : "No losses to show", UNDER_WAY.includes(one.state) ? "The curve begins with the first step." : "This server has not heard this job's steps: it ran before the server started, or elsewhere.")
      : legend([{ name: "training", value: fixed(points[points.length - 1].train) }, { name: "validation", value: fixed(points.findLast((each) => each.validation !== null)?.validation) }]));
    chart.set([points.map((each) => ({ x: each.step, y: each.train })), points.filter((each, i) => each.validation !== null && each.validation !== points[i - 1]?.validation).map((each) => ({ x: each.step, y: each.validation }))], [], { min: 0, max: Math.max(one.steps, 1) });
  }
  const stop = watch(["jobs"], () => {
    const all = state.jobs;
    const one = (all ?? []).find((each) => (id ? each.jobId === id : UNDER_WAY.includes(each.state))) ?? (id ? undefined : all?.[0]);
    regions.list(all, one?.jobId);
    job.hidden = !one;
    if (one) {
      put(title, `Job of ${one.adapter}`);
      regions.what(one);
      regions.head(one);
      regions.gate(one.gate, !UNDER_WAY.includes(one.state) && one.state !== "TUNING_STATE_CANCELLED");
      draw(one);
    }
  });
  return () => {
    gone = true;
    stop();
    chart.destroy();
  };
}
