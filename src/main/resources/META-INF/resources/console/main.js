// The frame: which page is shown, whose it is, and whether the server is there.

import { session } from "./api.js";
import { ask, field } from "./dialog.js";
import { h, put } from "./dom.js";
import { clock } from "./format.js";
import { begin, state, watch } from "./store.js";
import * as adapters from "./adapters.js";
import * as drift from "./drift.js";
import * as overview from "./overview.js";
import * as playground from "./playground.js";
import * as tuning from "./tuning.js";

const PAGES = { overview: ["Overview", overview], adapters: ["Adapters", adapters], tuning: ["Tuning", tuning], drift: ["Drift", drift], playground: ["Playground", playground] };
const STATES = { live: "live", connecting: "connecting", away: "server away", refused: "not let in" };
const main = document.getElementById("main");
let leave = () => {};
let asked = false;

function route() {
  const [, page, ...rest] = location.hash.split("/").map(decodeURIComponent);
  const [title, module] = PAGES[page] ?? PAGES.overview;
  leave();
  document.title = `${title} · Trimtab`;
  put(document.getElementById("pages"), Object.entries(PAGES).map(([name, [label]]) =>
    h("a", { href: `#/${name}`, "aria-current": label === title ? "page" : undefined, "data-key": name }, label)));
  leave = module.show(main, rest) ?? (() => {});
}

function askWho(refusal) {
  return ask({
    title: "Whose adapters?",
    text: refusal ?? "Where the server asks for API keys, the key says which tenant this is; else name one.",
    action: "Go on",
    keep: Boolean(refusal),
    fields: [
      field({ name: "tenant", label: "Tenant", value: session.tenant || state.tenant, placeholder: "default", pattern: "[a-z0-9][a-z0-9._\\-]{0,62}", autocomplete: "off" }),
      field({ name: "key", label: "API key", kind: "password", value: session.key, autocomplete: "off", hint: "Kept in this tab until it is closed" }),
    ],
    async run({ tenant, key }) {
      session.set(tenant, key);
      location.reload();
    },
  });
}

function who() {
  put(document.getElementById("who"),
    h("span", { class: `dot ${state.connection}`, "aria-hidden": "true" }), h("span", { class: "connection", role: "status" }, STATES[state.connection]),
    h("button", { type: "button", class: "quiet", "data-key": "who", onclick: () => askWho() }, state.tenant || session.tenant || "tenant"));
  const away = state.connection === "away";
  document.body.classList.toggle("away", away);
  const last = state.figures?.at(-1)?.time;
  put(document.getElementById("trouble"), away && h("p", {}, `${state.error?.message ?? "The server ended the connection"}. ${last ? `What is shown is of ${clock(last)}. ` : ""}Trying again.`));
  if (state.connection === "refused" && !asked) {
    asked = true;
    askWho(state.error?.message);
  }
}

addEventListener("hashchange", () => {
  route();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
});
watch(["connection"], who);
route();
begin();
