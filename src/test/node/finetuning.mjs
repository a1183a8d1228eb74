// Files and jobs as OpenAI's client sees them: node finetuning.mjs URL TENANT FILE running|succeeded
// Where jobs are to succeed, waits for one; where they go on, cancels one.
import assert from "node:assert/strict";
import fs from "node:fs";
import OpenAI from "openai";

const [baseURL, tenant, path, ending] = process.argv.slice(2);
const client = new OpenAI({
  baseURL,
  apiKey: "any",
  maxRetries: 0,
  defaultHeaders: { "x-tenant": tenant },
});

const file = await client.files.create({ file: fs.createReadStream(path), purpose: "fine-tune" });
assert.equal(file.bytes, fs.statSync(path).size);
assert.equal(file.status, "processed");
assert.equal((await client.files.retrieve(file.id)).id, file.id);
const content = await (await client.files.content(file.id)).text();
assert.equal(content, fs.readFileSync(path, "utf8"));

const job = await client.fineTuning.jobs.create({
  model: "base",
  training_file: file.id,
  suffix: ending,
  seed: 7,
  method: { type: "supervised", supervised: { hyperparameters: { n_epochs: 2 } } },
});
assert.equal(job.object, "fine_tuning.job");
assert.equal(job.training_file, file.id);

async function reached(statuses) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const now = await client.fineTuning.jobs.retrieve(job.id);
    if (statuses.includes(now.status)) {
      return now;
    }
    assert.ok(!["failed", "cancelled"].includes(now.status), JSON.stringify(now.error));
  }
  assert.fail(`The job is not ${statuses} after 60 s`);
}

if (ending === "running") {
  await reached(["running"]);
  assert.equal((await client.fineTuning.jobs.cancel(job.id)).status, "cancelled");
  await assert.rejects(client.fineTuning.jobs.cancel(job.id), OpenAI.ConflictError);
} else {
  const ended = await reached(["succeeded"]);
  assert.equal(ended.fine_tuned_model, `${ending}@1`);
  assert.equal(ended.error, null);
}

const events = [];
for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 2 })) {
  events.push(event);
}
assert.ok(events.length > 2, JSON.stringify(events));
assert.equal(new Set(events.map((event) => event.id)).size, events.length);
assert.match(events.at(-1).message, /created/);

const jobs = [];
for await (const each of client.fineTuning.jobs.list()) {
  jobs.push(each.id);
}
assert.ok(jobs.includes(job.id));

await assert.rejects(client.fineTuning.jobs.retrieve("ftjob-0"), OpenAI.NotFoundError);
await assert.rejects(
  client.fineTuning.jobs.create({ model: "base", training_file: "file-0" }),
  (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError, `${error}`);
    assert.equal(error.param, "training_file");
    return true;
  },
);
await assert.rejects(
  client.files.create({ file: new File(["{"], "broken.jsonl"), purpose: "fine-tune" }),
  OpenAI.BadRequestError,
);

assert.equal((await client.files.delete(file.id)).deleted, true);
await assert.rejects(client.files.retrieve(file.id), OpenAI.NotFoundError);
