// What is known of the server, kept up to date by the feed: who shows a part of it is told when it changes.

import { get, listen, rpc } from "./api.js";

const FIGURES_MAX = 600;
const REPORTS_MAX = 40;

export const state = {
  connection: "connecting",
  tenant: "",
  model: null,
  figures: null,
  adapters: null,
  jobs: null,
  feedback: null,
  reports: {},
  error: null,
};

// Between two looks, in milliseconds: every answer that base reads moves the reports of all.
const PAUSES = { drift: 3000 };
const watchers = new Set();
let stamps = {};

/** Tells of changes of these parts, and once at once; ends with what this returns. */
export function watch(parts, told) {
  const watcher = { parts: new Set(parts), told };
  watchers.add(watcher);
  told();
  return () => watchers.delete(watcher);
}

function changed(...parts) {
  for (const watcher of [...watchers]) {
    if (parts.some((part) => watcher.parts.has(part))) {
      watcher.told();
    }
  }
}

/** Loads a part; a refusal is kept for who shows it, and what was known stays. */
async function load(part, source) {
  try {
    state[part] = await source();
    state.error = null;
  } catch (error) {
    state.error = error;
    if (error.status === 401) {
      state.connection = "refused";
      changed("connection");
    }
  }
  changed(part);
}

export const reload = {
  adapters: () => load("adapters", async () => (await rpc("Adapters", "List")).adapters),
  jobs: () => load("jobs", async () => (await rpc("Tuning", "List")).jobs),
  feedback: () => load("feedback", async () => (await rpc("Feedback", "Status")).adapters),
  async drift() {
    const served = (state.adapters ?? []).filter((each) => each.activeRevision > 0 || each.canaryRevision > 0).slice(0, REPORTS_MAX);
    const reports = {};
    for (const each of served) {
      try {
        reports[each.adapter] = await rpc("Drift", "Report", { adapter: each.adapter });
      } catch (error) {
        if (error.status !== 404) {
          break;
        }
      }
    }
    state.reports = reports;
    changed("reports");
  },
};

// One at a time of each kind; what comes meanwhile is done once more afterwards.
const running = {};
const again = {};
async function refresh(kind) {
  if (running[kind]) {
    again[kind] = true;
    return;
  }
  running[kind] = true;
  do {
    again[kind] = false;
    await reload[kind]();
    await new Promise((resolve) => setTimeout(resolve, PAUSES[kind] ?? 0));
  } while (again[kind]);
  running[kind] = false;
}

function heard(message) {
  if (message.figures) {
    const all = state.figures ?? [];
    if (all.length === 0 || all[all.length - 1].time < message.figures.time) {
      state.figures = [...all, message.figures].slice(-FIGURES_MAX);
      changed("figures");
    }
  }
  const before = stamps;
  stamps = message.stamps;
  const news = Object.keys(stamps).filter((kind) => stamps[kind] !== before[kind]);
  for (const kind of news.filter((each) => each !== "drift" && each !== "adapters")) {
    refresh(kind);
  }
  if (news.includes("adapters") || news.includes("drift")) {
    // Which adapters are served says whose reports there are.
    (news.includes("adapters") ? refresh("adapters") : Promise.resolve()).then(() => refresh("drift"));
  }
  if (news.includes("drift")) {
    changed("drift");
  }
}

/** Begins; again by itself while the server is away. */
export async function begin() {
  stamps = {};
  Object.assign(state, { connection: "connecting", adapters: null, jobs: null, feedback: null, figures: null, reports: {}, error: null });
  changed("connection", "adapters", "jobs", "feedback", "figures", "reports");
  try {
    state.tenant = (await get("session")).tenant;
    state.model = await rpc("Inference", "DescribeModel");
    state.figures = await get("series/figures");
  } catch (error) {
    state.connection = error.status === 401 || error.status === 400 ? "refused" : "away";
    state.error = error;
    changed("connection");
    if (state.connection === "away") {
      setTimeout(begin, 2000);
    }
    return;
  }
  changed("connection", "model", "figures");
  let first = true;
  listen(heard, (connection, error) => {
    state.connection = connection;
    state.error = error ?? null;
    if (connection === "live") {
      // What happened meanwhile is asked for anew.
      stamps = {};
      if (!first) {
        load("figures", () => get("series/figures"));
      }
      first = false;
    }
    changed("connection");
  });
}
