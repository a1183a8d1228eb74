// One question that is refused: node refusal.mjs URL KEY
// Prints the class of the error, its status and its code.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });

try {
  await client.chat.completions.create({
    model: "base",
    messages: [{ role: "user", content: "Color?" }],
  });
  process.stdout.write("answered");
} catch (error) {
  process.stdout.write(`${error.constructor.name} ${error.status} ${error.code}`);
}
