// A tenant's adapters, their revisions and what the gate said of them; and what a person may do with them.

import { rpc, upload } from "./api.js";
import { ask, field, tell } from "./dialog.js";
import { empty, facts, h, loading, panel, put, region, table } from "./dom.js";
import { bytes, digest, number, percent, when } from "./format.js";
import { reload, state, watch } from "./store.js";
import { gateReport, level, meter, revisionState } from "./views.js";

const FILES = ["adapter_config.json", "adapter_model.safetensors"];

function folder(files) {
  const found = FILES.map((name) => files.find((file) => file.name === name));
  const missing = FILES.filter((_, i) => !found[i]);
  if (missing.length > 0) {
    throw new Error(`The folder lacks ${missing.join(" and ")}`);
  }
  return found;
}

function askForUpload(adapter) {
  return ask({
    title: adapter ? `Upload a revision of ${adapter}` : "Upload an adapter",
    text: "A folder that PEFT wrote. It is checked against the base model before anything is kept.",
    action: "Upload",
    fields: [
      field({ name: "adapter", label: "Adapter", value: adapter ?? "", required: true, pattern: "[a-z0-9][a-z0-9._\\-]{0,62}", autocomplete: "off", hint: "Lower case letters, digits, dots, dashes" }),
      field({ name: "files", label: "adapter_config.json and adapter_model.safetensors", kind: "file", multiple: true, required: true, accept: ".json,.safetensors" }),
      field({ name: "note", label: "Note", autocomplete: "off" }),
      field({ name: "activate", label: "Serve it at once", kind: "checkbox" }),
      field({ name: "check", label: "Only check it, keep nothing", kind: "checkbox" }),
    ],
    async run(all, progress) {
      const files = folder(all.files);
      const header = { adapter: all.adapter, note: all.note, activate: all.activate };
      const done = await upload(header, files, all.check ? "check" : "keep", (share) => progress(meter(share, percent(share))));
      if (all.check) {
        if (!done.accepted) {
          throw new Error(done.errors.join("; "));
        }
        tell(`Sound: ${done.tensorsMatched} of ${done.tensorsTotal} tensors match, the fixed probe moves by ${number(done.largestOutputChange)}`);
      } else {
        tell(`${done.adapter} has revision ${done.revision}${all.activate ? ", which is served now" : ""}`);
        await reload.adapters();
        location.hash = `#/adapters/${done.adapter}`;
      }
    },
  });
}

function askToActivate(adapter, revision) {
  const held = ["REVISION_STATE_REJECTED", "REVISION_STATE_QUARANTINED"].includes(revision.state);
  return ask({
    title: `Serve revision ${revision.revision} of ${adapter.adapter}`,
    text: `Now served: ${adapter.activeRevision ? `revision ${adapter.activeRevision}` : "base"}. Requests that run finish on what they started on.`,
    action: "Activate",
    fields: [
      field({ name: "percent", label: "Share of requests, percent", kind: "number", value: 100, min: 1, max: 100, required: true, hint: "Under 100 it is a canary beside what is served now" }),
      field({ name: "reason", label: "Reason", autocomplete: "off", required: held, hint: held ? "The gate or the governor holds it: forcing it needs a reason, which is kept" : undefined }),
    ],
    async run({ percent: share, reason }) {
      await rpc("Adapters", "Activate", { adapter: adapter.adapter, revision: revision.revision, canaryPercent: Number(share), reason, force: held, ifVersion: adapter.version });
      await reload.adapters();
      tell(Number(share) < 100 ? `Revision ${revision.revision} is served to ${share} % of the requests` : `Revision ${revision.revision} of ${adapter.adapter} is served`);
    },
  });
}

function askToRollBack(adapter) {
  return ask({
    title: `Roll ${adapter.adapter} back`,
    text: `Revision ${adapter.activeRevision} is served now; what was active before it is served again, base if nothing was.`,
    action: "Roll back",
    danger: true,
    async run() {
      const after = await rpc("Adapters", "Rollback", { adapter: adapter.adapter });
      await reload.adapters();
      tell(`${adapter.adapter} is served by ${after.activeRevision ? `revision ${after.activeRevision}` : "base"} again`);
    },
  });
}

function askForScale(adapter) {
  return ask({
    title: `Scale revision ${adapter.activeRevision} of ${adapter.adapter}`,
    text: "Between base (0) and the weights as they were tuned (1).",
    action: "Set the scale",
    fields: [
      field({ name: "scale", label: "Scale", kind: "number", value: Number(adapter.scale.toFixed(3)), min: 0, max: 1, step: "any", required: true }),
      field({ name: "reason", label: "Reason", autocomplete: "off" }),
    ],
    async run({ scale, reason }) {
      await rpc("Adapters", "SetScale", { adapter: adapter.adapter, scale: Number(scale), reason });
      await reload.adapters();
      tell(`${adapter.adapter} is served at ${scale}`);
    },
  });
}

export function askToTune(adapter) {
  return ask({
    title: `Tune ${adapter} now`,
    text: "On the corrections that there are. The gate decides whether the result is served.",
    action: "Start the job",
    fields: [field({ name: "recipe", label: "Recipe", kind: "select", value: "", options: [
      { value: "", label: "as configured" }, { value: "sa-proj", label: "sa-proj: attention (q, k, v, o)" }, { value: "sa-qkv", label: "sa-qkv: attention without output" },
      { value: "gate-up", label: "gate-up: feed-forward" }, { value: "projector", label: "projector: from picture to text" }] })],
    async run({ recipe }) {
      const job = await rpc("Tuning", "Start", { adapter, recipe });
      await reload.jobs();
      tell(`Job ${digest(job.jobId)} is queued`);
      location.hash = `#/tuning/${job.jobId}`;
    },
  });
}

function list(all, chosen) {
  if (all === null) {
    return loading("adapters");
  }
  if (all.length === 0) {
    return empty("No adapters yet", "An upload, the first correction, or a tuning job makes one.");
  }
  return h("ul", { class: "choices" }, all.map((each) => h("li", {},
    h("a", { href: `#/adapters/${each.adapter}`, "aria-current": each.adapter === chosen ? "page" : undefined, "data-key": `choose-${each.adapter}` },
      h("b", {}, each.adapter),
      h("span", { class: "muted" }, each.activeRevision ? `revision ${each.activeRevision} of ${each.revisions.length}` : `base · ${each.revisions.length} kept`)))));
}

function detail(adapter, revision, report, feedback) {
  const at = adapter.activeRevision;
  const canary = adapter.canaryRevision;
  const rows = adapter.revisions.toReversed().map((each) => ({
    properties: { class: each.revision === at ? "current" : undefined },
    cells: [
      h("button", { class: "link", type: "button", "data-key": `rev-${each.revision}`, "aria-expanded": String(each.revision === revision?.revision), onclick: () => choose(adapter.adapter, each.revision === revision?.revision ? 0 : each.revision) }, `Revision ${each.revision}`),
      revisionState(each.state),
      { class: "num", content: each.scale.toFixed(2) },
      each.gate ? (each.gate.passed ? "passed" : "refused") : h("span", { class: "muted" }, "not seen"),
      each.origin === "upload" ? "upload" : h("a", { href: `#/tuning/${each.origin}` }, `job ${each.origin.slice(0, 6)}`),
      { class: "num", content: String(each.rank) },
      when(each.created),
      { class: "act", content: each.revision !== at && h("button", { type: "button", class: "small", "data-key": `act-${each.revision}`, "aria-label": `Activate revision ${each.revision}`, onclick: () => askToActivate(adapter, each) }, "Activate") },
    ],
  }));
  return [
    panel(adapter.adapter, { class: "head-panel", side: h("div", { class: "buttons" },
      h("button", { type: "button", "data-key": "tune", onclick: () => askToTune(adapter.adapter) }, "Tune now"),
      at > 0 && h("button", { type: "button", "data-key": "scale", onclick: () => askForScale(adapter) }, "Scale"),
      at > 0 && h("button", { type: "button", class: "danger", "data-key": "back", onclick: () => askToRollBack(adapter) }, "Roll back"),
      h("a", { class: "button", href: `#/playground/${adapter.adapter}` }, "Ask it"),
      h("button", { type: "button", class: "primary", "data-key": "upload", onclick: () => askForUpload(adapter.adapter) }, "Upload")) },
    facts([
      ["Served by", at ? `revision ${at} at ${adapter.scale.toFixed(2)}` : "base"],
      canary > 0 && ["Canary", `revision ${canary} for ${adapter.canaryPercent} %`],
      ["Drift", report && at ? h("a", { href: `#/drift/${adapter.adapter}` }, level(report.level)) : "–"],
      ["Corrections", feedback ? `${number(feedback.examples)} kept, ${number(feedback.sinceLastTuning)} new` : "none"],
      feedback && Number(feedback.deadLettered) > 0 && ["Dead letters", number(feedback.deadLettered)],
      ["Version", number(adapter.version)],
    ])),
    panel("Revisions", {},
      rows.length === 0
        ? empty("Served by base", "No revision yet. Corrections are collected until a job makes the first, or upload one.")
        : table([{ label: "Revision" }, { label: "State" }, { label: "Scale", class: "num" }, { label: "Gate" }, { label: "From" }, { label: "Rank", class: "num" }, { label: "Made" }, { label: "", class: "act" }], rows, "Revisions, newest first")),
    revision && panel(`Revision ${revision.revision}`, { side: revisionState(revision.state) },
      facts([
        ["Digest", h("code", { title: revision.digest }, digest(revision.digest))],
        ["Parent", revision.parentDigest ? h("code", { title: revision.parentDigest }, digest(revision.parentDigest)) : "base"],
        ["Targets", revision.targets.join(", ")],
        ["Parameters", number(revision.parameters)],
        ["Size", bytes(revision.bytes)],
        revision.note && ["Note", revision.note],
      ]),
      gateReport(revision.gate)),
  ];
}

function choose(adapter, revision) {
  location.hash = `#/adapters/${adapter}${revision ? `/${revision}` : ""}`;
}

export function show(root, [name, revision]) {
  const choices = h("div");
  const place = h("div", { class: "stack" });
  put(root,
    h("div", { class: "page-head" }, h("h1", {}, "Adapters"), h("button", { type: "button", class: "primary", onclick: () => askForUpload() }, "Upload an adapter")),
    h("div", { class: "side-by-side" }, h("aside", { class: "panel", "aria-label": "Adapters" }, choices), place));
  const listed = region(choices, list);
  const shown = region(place, (all, reports, feedback) => {
    if (all === null) {
      return state.error ? h("p", { class: "refusal", role: "alert" }, state.error.message) : loading("adapters");
    }
    const chosen = all.find((each) => each.adapter === name) ?? (name ? undefined : all[0]);
    if (!chosen) {
      return panel(name ?? "To begin with", {}, name
        ? empty(`There is no adapter ${name}`, "It may have been deleted, or belongs to another tenant.")
        : empty("Nothing here yet", "Upload a folder that PEFT wrote, or send the first correction from the playground.", h("a", { class: "button", href: "#/playground" }, "To the playground")));
    }
    const number_ = Number(revision ?? 0) || (revision === undefined ? chosen.activeRevision : 0);
    return detail(chosen, chosen.revisions.find((each) => each.revision === number_), reports[chosen.adapter], (feedback ?? []).find((each) => each.adapter === chosen.adapter));
  });
  return watch(["adapters", "reports", "feedback", "connection"], () => {
    listed(state.adapters, name ?? state.adapters?.[0]?.adapter);
    shown(state.adapters, state.reports, state.feedback, state.error?.message);
  });
}
