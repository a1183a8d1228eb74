// What the chat endpoint says to OpenAI's client: node chat.mjs URL PICTURE-AS-DATA-URL
// Prints the answer at temperature 0, for the caller to hold against another client's.
import assert from "node:assert/strict";
import OpenAI from "openai";

const [baseURL, picture] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 });

const question = {
  model: "base",
  temperature: 0,
  max_tokens: 24,
  messages: [
    {
      role: "user",
      content: [
        { type: "image_url", image_url: { url: picture } },
        { type: "text", text: "What color is the circle?" },
      ],
    },
  ],
};

const answer = await client.chat.completions.create(question);
const text = answer.choices[0].message.content;
assert.equal(answer.object, "chat.completion");
assert.equal(answer.choices.length, 1);
assert.ok(text.length > 0);
assert.ok(["stop", "length"].includes(answer.choices[0].finish_reason));
assert.match(answer.system_fingerprint, /^[0-9a-f]{64}$/);

const stream = await client.chat.completions.create({
  ...question,
  stream: true,
  stream_options: { include_usage: true },
});
const chunks = [];
for await (const chunk of stream) {
  chunks.push(chunk);
}
assert.ok(chunks.length > 3, `${chunks.length} chunks`);
assert.equal(chunks[0].choices[0].delta.role, "assistant");
const streamed = chunks
  .flatMap((chunk) => chunk.choices)
  .map((choice) => choice.delta.content ?? "")
  .join("");
assert.equal(streamed, text);
assert.deepEqual(chunks.at(-1).choices, []);
assert.equal(chunks.at(-1).usage.completion_tokens, answer.usage.completion_tokens);
assert.equal(chunks.at(-1).usage.prompt_tokens, answer.usage.prompt_tokens);

// The client's own gathering of a stream.
const gathered = await client.chat.completions.stream(question).finalChatCompletion();
assert.equal(gathered.choices[0].message.content, text);

const told = await client.chat.completions.create({
  ...question,
  logprobs: true,
  top_logprobs: 3,
});
const tokens = told.choices[0].logprobs.content;
assert.equal(tokens.length, told.usage.completion_tokens);
for (const token of tokens) {
  assert.ok(token.logprob <= 0);
  assert.equal(token.top_logprobs.length, 3);
  // At temperature 0 the likeliest is taken.
  assert.equal(token.top_logprobs[0].token, token.token);
}

const shape = {
  type: "object",
  properties: {
    color: { type: "string", enum: ["red", "green", "blue"] },
    sure: { type: "boolean" },
  },
  required: ["color", "sure"],
  additionalProperties: false,
};
const formed = await client.chat.completions.parse({
  ...question,
  max_tokens: 64,
  response_format: { type: "json_schema", json_schema: { name: "seen", strict: true, schema: shape } },
});
assert.equal(formed.choices[0].finish_reason, "stop");
const seen = formed.choices[0].message.parsed;
assert.deepEqual(Object.keys(seen).sort(), ["color", "sure"]);
assert.ok(shape.properties.color.enum.includes(seen.color));
assert.equal(typeof seen.sure, "boolean");

const models = [];
for await (const model of client.models.list()) {
  models.push(model.id);
}
assert.ok(models.length > 0);
assert.equal((await client.models.retrieve(models[0])).id, models[0]);

await assert.rejects(client.chat.completions.create({ ...question, temperature: -1 }), (error) => {
  assert.ok(error instanceof OpenAI.BadRequestError, `${error}`);
  assert.equal(error.param, "temperature");
  assert.equal(error.type, "invalid_request_error");
  return true;
});
await assert.rejects(client.chat.completions.create({ ...question, model: "nobody" }), (error) => {
  assert.ok(error instanceof OpenAI.NotFoundError, `${error}`);
  assert.equal(error.code, "model_not_found");
  return true;
});
await assert.rejects(client.models.retrieve("nobody"), OpenAI.NotFoundError);

process.stdout.write(text);
