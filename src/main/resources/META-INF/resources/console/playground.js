// One picture and one question for two models: their answers as they come, token by token how far they lie apart,
// and a correction for the one that was wrong.

import { base64, post, rpc, stream } from "./api.js";
import { field, tell, values } from "./dialog.js";
import { h, loading, put, region } from "./dom.js";
import { fixed, percent, seconds } from "./format.js";
import { reload, state, watch } from "./store.js";

// In nats: what a token's colour stands for.
const HEATS = [0.05, 0.2, 0.5, 1, 2];
const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"];

function heat(kl) {
  return HEATS.filter((limit) => kl >= limit).length;
}

function shown(text) {
  return text === "" ? "∅" : text.replaceAll("\n", "⏎");
}

function alternatives(title, side, token) {
  return h("div", { class: "side" }, h("h4", {}, title), h("p", { class: "muted" }, `${percent(side.probability, 1)} for “${shown(token)}”`),
    h("ul", { class: "alternatives" }, side.best.map((each) => {
      const bar = h("progress", { max: 1, "aria-hidden": "true" });
      bar.value = each.probability;
      return h("li", { class: each.text === token ? "same" : undefined }, h("code", {}, shown(each.text)), bar, h("span", { class: "num" }, percent(each.probability, 1)));
    })));
}

/** An answer's tokens, each a button that tells what both models said at its place. */
function tokens(comparison, place) {
  const look = (token, button) => {
    put(place, h("div", { class: "token-detail" },
      h("p", {}, h("code", {}, shown(token.text)), ` lies ${fixed(token.kl)} nats apart`),
      h("div", { class: "sides" }, alternatives(comparison.left, token.left, token.text), alternatives(comparison.right, token.right, token.text))));
    for (const other of button.parentElement.children) {
      other.setAttribute("aria-pressed", String(other === button));
    }
  };
  return h("p", { class: "answer" }, comparison.tokens.map((token) => {
    const button = h("button", { type: "button", class: `token heat-${heat(token.kl)}`, "aria-pressed": "false", "aria-label": `${token.text}: ${fixed(token.kl)} nats apart`, onclick: () => look(token, button), onfocus: () => look(token, button), onmouseenter: () => look(token, button) }, token.text);
    return button;
  }));
}

function scale() {
  return h("p", { class: "scale muted" }, "KL of base against the revision, nats a token: ",
    [0, ...HEATS].map((limit, i) => h("span", { class: `token heat-${i}` }, i === 0 ? "under 0.05" : `${limit}`)));
}

function summary(comparison) {
  const kls = comparison.tokens.map((each) => each.kl);
  const mean = kls.reduce((sum, kl) => sum + kl, 0) / Math.max(1, kls.length);
  const apart = kls.filter((kl) => kl >= 0.5).length;
  return `${fixed(mean)} nats a token on average; ${apart} of ${kls.length} lie 0.5 or more apart`;
}

class Side {
  constructor(title) {
    this.text = "";
    this.head = h("span", { class: "muted served" });
    this.answer = h("div", { class: "answer-place", "aria-live": "polite" });
    this.note = h("p", { class: "muted" });
    this.detail = h("div");
    this.element = h("section", { class: "panel answer-panel" }, h("div", { class: "panel-head" }, h("h2", {}, title), this.head), this.answer, this.note, this.detail);
  }

  begin() {
    Object.assign(this, { text: "", served: null, predictionId: "", finished: null });
    put(this.head);
    put(this.answer, loading("the answer"));
    put(this.note);
    put(this.detail);
  }

  /** What a request by this name would be served by, pinned. */
  get name() {
    return this.served.revision ? `${this.served.adapter}@${this.served.revision}` : "base";
  }

  async ask(request, signal) {
    this.begin();
    try {
      await stream("Inference", "Generate", request, (event) => this.heard(event), signal);
    } catch (error) {
      put(this.answer, h("p", { class: "refusal", role: "alert" }, error.name === "AbortError" ? "Stopped" : error.message));
      throw error;
    }
  }

  heard(event) {
    if (event.started) {
      this.served = event.started.servedBy;
      this.predictionId = event.started.predictionId;
      put(this.head, this.served.revision ? `${this.served.adapter} revision ${this.served.revision} at ${this.served.scale.toFixed(2)}` : "base");
    } else if (event.delta) {
      this.text += event.delta.text;
      put(this.answer, h("p", { class: "answer" }, this.text));
    } else if (event.finished) {
      this.text = event.finished.text;
      const { timings, usage } = event.finished;
      const first = ["queueUs", "preprocessUs", "visionUs", "prefillUs"].reduce((sum, part) => sum + Number(timings[part]), 0) / 1e6;
      put(this.answer, this.text ? h("p", { class: "answer" }, this.text) : h("p", { class: "muted" }, "An empty answer"));
      put(this.note, `${usage.completionTokens} tokens, the first after ${seconds(first)}, ${seconds(Number(timings.decodeUs) / 1e6)} for the rest`);
    }
  }

  compared(comparison) {
    put(this.answer, tokens(comparison, this.detail));
    put(this.note, `${this.note.textContent} · ${summary(comparison)}`);
  }
}

export function show(root, [name]) {
  let picture = null;
  let address = null;
  let asking = null;
  const preview = h("div", { class: "preview" });
  const chooser = h("input", { type: "file", accept: TYPES.join(","), id: "picture", class: "unseen", onchange: () => take(chooser.files[0]) });
  const drop = h("label", { class: "drop", for: "picture", ondragover: over, ondragleave: out, ondrop: dropped }, preview);
  const choice = h("div");
  const refused = h("div", { "aria-live": "assertive" });
  const button = h("button", { type: "submit", class: "primary" }, "Ask both");
  const stop = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => asking?.abort() }, "Stop");
  const form = h("form", { class: "panel ask", onsubmit: submit },
    drop, chooser,
    field({ name: "question", label: "Question", kind: "textarea", required: true, rows: 2, placeholder: "What is in the picture?" }),
    choice,
    h("details", {}, h("summary", {}, "Sampling"),
      field({ name: "maxTokens", label: "Most tokens", kind: "number", value: 64, min: 1, max: 1024, required: true }),
      field({ name: "temperature", label: "Temperature, 0 is greedy", kind: "number", value: 0, min: 0, max: 2, step: "any", required: true })),
    refused, h("div", { class: "buttons" }, stop, button));
  const sides = [new Side("Base"), new Side("Revision")];
  const key = h("div");
  const correction = h("div");
  const answers = h("div", { class: "stack" }, h("div", { class: "grid two answers" }, sides.map((each) => each.element)), key, correction);
  put(sides[0].answer, h("p", { class: "muted" }, "What the base model answers comes here."));
  put(sides[1].answer, h("p", { class: "muted" }, "And here what the revision answers. Tokens are coloured by how far the two models lie apart."));
  put(root, h("div", { class: "page-head" }, h("h1", {}, "Playground")), h("div", { class: "side-by-side wide-left" }, form, answers));
  draw();

  function over(event) {
    event.preventDefault();
    drop.classList.add("over");
  }
  function out() {
    drop.classList.remove("over");
  }
  function dropped(event) {
    event.preventDefault();
    out();
    take(event.dataTransfer.files[0]);
  }
  function pasted(event) {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => TYPES.includes(each.type));
    if (file) {
      take(file);
    }
  }
  function take(file) {
    if (!file) {
      return;
    }
    if (!TYPES.includes(file.type)) {
      put(refused, h("p", { class: "refusal", role: "alert" }, `${file.name} is ${file.type || "of no known type"}, expected a PNG, JPEG, WebP, GIF or BMP picture`));
      return;
    }
    put(refused);
    picture = file;
    draw();
  }
  function draw() {
    if (address) {
      URL.revokeObjectURL(address);
      address = null;
    }
    if (picture) {
      address = URL.createObjectURL(picture);
      put(preview, h("img", { src: address, alt: `The picture ${picture.name}` }), h("span", { class: "muted" }, `${picture.name} · drop another to replace it`));
    } else {
      put(preview, h("b", {}, "Drop a picture here"), h("span", { class: "muted" }, "or press to choose one, or paste; without one the question stands alone"));
    }
  }

  const chosen = region(choice, (adapters) => {
    const options = adapters.flatMap((each) => each.revisions.toReversed().map((revision) => ({
      value: `${each.adapter}@${revision.revision}`,
      label: `${each.adapter}@${revision.revision}${revision.revision === each.activeRevision ? " (served)" : ""}`,
    })));
    const wanted = adapters.find((each) => each.adapter === name) ?? adapters.find((each) => each.activeRevision > 0);
    const first = wanted?.activeRevision ? `${wanted.adapter}@${wanted.activeRevision}` : (options.find((each) => each.value.startsWith(`${name}@`))?.value ?? "");
    return [
      field({ name: "revision", label: "Compare base with", kind: "select", value: first, options: [...options, { value: "base", label: "base once more" }], "data-key": "revision" }),
      field({ name: "adapter", label: "Corrections are for the adapter", value: wanted?.adapter ?? name ?? "", placeholder: "default", autocomplete: "off", "data-key": "adapter" }),
    ];
  });
  const stopWatching = watch(["adapters"], () => {
    if (state.adapters) {
      chosen(state.adapters.map(({ adapter, activeRevision, revisions }) => ({ adapter, activeRevision, revisions: revisions.map(({ revision }) => ({ revision })) })));
    }
  });
  addEventListener("paste", pasted);

  async function submit(event) {
    event.preventDefault();
    const wanted = values(form);
    asking = new AbortController();
    button.disabled = true;
    stop.hidden = false;
    put(refused);
    put(key);
    put(correction);
    try {
      const parts = picture ? [{ image: { data: await base64(picture) } }] : [];
      const messages = [{ role: "user", parts: [...parts, { text: wanted.question }] }];
      const sampling = { maxTokens: Number(wanted.maxTokens), temperature: Number(wanted.temperature) };
      const names = ["base", wanted.revision];
      const ended = await Promise.allSettled(sides.map((side, i) => side.ask({ adapter: names[i], messages, sampling, retain: i === 1 }, asking.signal)));
      if (ended.every((each) => each.status === "fulfilled")) {
        await compare(messages);
      }
      if (ended[1].status === "fulfilled") {
        offer(wanted.adapter);
      }
    } catch (error) {
      put(refused, h("p", { class: "refusal", role: "alert" }, error.message));
    } finally {
      button.disabled = false;
      stop.hidden = true;
    }
  }

  async function compare(messages) {
    const query = `comparison?left=${encodeURIComponent(sides[0].name)}&right=${encodeURIComponent(sides[1].name)}`;
    await Promise.all(sides.filter((side) => side.text).map(async (side) => side.compared(await post(query, { messages, continuation: side.text }, asking.signal))));
    put(key, scale());
  }

  function offer(adapter) {
    const side = sides[1];
    const said = h("div", { "aria-live": "polite" });
    const send = h("button", { type: "submit", class: "primary" }, "Send the correction");
    put(correction, h("form", { class: "panel correction", onsubmit: correct },
      h("div", { class: "panel-head" }, h("h2", {}, "Correct it"), h("span", { class: "muted" }, `prediction ${side.predictionId.slice(0, 13)}`)),
      field({ name: "correction", label: "What it should have said", kind: "textarea", required: true, rows: 2 }), said, h("div", { class: "buttons" }, send)));
    async function correct(event) {
      event.preventDefault();
      send.disabled = true;
      try {
        const receipt = await rpc("Feedback", "Submit", { adapter, predictionId: side.predictionId, correction: values(event.target).correction });
        put(said, h("p", { class: "done" }, `Kept on the topic as ${receipt.feedbackId.slice(0, 13)}, offset ${receipt.offset}. `, h("a", { href: `#/adapters/${adapter || "default"}` }, "See the adapter")));
        tell("The correction was acknowledged");
        reload.feedback();
      } catch (error) {
        put(said, h("p", { class: "refusal", role: "alert" }, error.message));
        send.disabled = false;
      }
    }
  }

  return () => {
    asking?.abort();
    stopWatching();
    removeEventListener("paste", pasted);
    if (address) {
      URL.revokeObjectURL(address);
    }
  };
}
