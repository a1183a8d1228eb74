// The server: calls, streams and uploads, with the tenant's credential.

const PIECE_BYTES = 1 << 20;
const RETRY_MILLIS = 2000;
const SILENCE_MILLIS = 15000;

/** What the server refused, in its own words. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const session = {
  get tenant() {
    return sessionStorage.getItem("trimtab.tenant") ?? "";
  },
  get key() {
    return sessionStorage.getItem("trimtab.key") ?? "";
  },
  set(tenant, key) {
    sessionStorage.setItem("trimtab.tenant", tenant);
    sessionStorage.setItem("trimtab.key", key);
  },
};

function headers(more) {
  const all = { ...more };
  if (session.tenant) {
    all["x-tenant"] = session.tenant;
  }
  if (session.key) {
    all.authorization = `Bearer ${session.key}`;
  }
  return all;
}

async function send(path, options) {
  let answer;
  try {
    answer = await fetch(`console/api/${path}`, { ...options, headers: headers(options.headers), cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new Refusal(0, "The server can't be reached");
  }
  if (!answer.ok) {
    const body = await answer.text();
    let message = answer.status === 413 ? "The server takes no body as large as this" : `The server answered ${answer.status}`;
    try {
      message = JSON.parse(body).error.message;
    } catch {
      // A proxy's page, say: the status is all that is known.
    }
    throw new Refusal(answer.status, message);
  }
  return answer;
}

const JSON_TYPE = { "content-type": "application/json", accept: "application/json" };

export async function get(path) {
  return (await send(path, { method: "GET", headers: { accept: "application/json" } })).json();
}

export async function post(path, body, signal) {
  const answer = await send(path, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body), signal });
  return answer.status === 204 ? null : answer.json();
}

/** One method of trimtab.v1 with one answer. */
export function rpc(service, method, message = {}, signal) {
  return post(`rpc/${service}/${method}`, message, signal);
}

/** Reads server-sent events off a body: those that EventSource reads can't be asked for with headers. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    rest += value;
    const whole = rest.split("\n\n");
    rest = whole.pop();
    for (const event of whole) {
      const data = event.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).replace(/^ /, ""));
      if (data.length > 0) {
        yield JSON.parse(data.join("\n"));
      }
    }
  }
}

/** One method of trimtab.v1 that streams its answers. */
export async function stream(service, method, message, onMessage, signal) {
  const answer = await send(`stream/${service}/${method}`, {
    method: "POST", headers: { "content-type": "application/json", accept: "text/event-stream" }, body: JSON.stringify(message), signal,
  });
  for await (const each of events(answer.body)) {
    if (each.error) {
      throw new Refusal(500, each.error.message);
    }
    onMessage(each);
  }
}

function seen() {
  return document.hidden ? new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true })) : undefined;
}

/**
 * Listens for as long as the page is looked at, and again when the server was away. A browser has few connections to
 * one server, so a tab in the background gives its own back.
 */
export async function listen(onMessage, onState) {
  for (;;) {
    await seen();
    const leaving = new AbortController();
    let silence;
    const hidden = () => document.hidden && leaving.abort();
    document.addEventListener("visibilitychange", hidden);
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => leaving.abort(), SILENCE_MILLIS);
    };
    try {
      heard();
      const answer = await send("feed", { method: "GET", headers: { accept: "text/event-stream" }, signal: leaving.signal });
      onState("live");
      for await (const each of events(answer.body)) {
        heard();
        onMessage(each);
      }
      onState("away");
    } catch (error) {
      if (!document.hidden) {
        onState(error.status === 401 ? "refused" : "away", error);
      }
      if (error.status === 401) {
        return;
      }
    } finally {
      clearTimeout(silence);
      document.removeEventListener("visibilitychange", hidden);
    }
    if (!document.hidden) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
    }
  }
}

/** Sends a folder's files in pieces, each when the one before is taken. */
export async function upload(header, files, purpose, onProgress) {
  const { id } = await post(`uploads?purpose=${purpose}`, header);
  try {
    const all = files.reduce((sum, file) => sum + file.size, 0);
    let sent = 0;
    for (const file of files) {
      for (let at = 0; at < file.size; at += PIECE_BYTES) {
        const piece = file.slice(at, at + PIECE_BYTES);
        await send(`uploads/${id}/pieces?path=${encodeURIComponent(at === 0 ? file.name : "")}`, {
          method: "POST", headers: { "content-type": "application/octet-stream" }, body: piece,
        });
        sent += piece.size;
        onProgress(sent / all);
      }
    }
  } catch (error) {
    // The service may have said more than a piece was told.
    if (error.status === 409) {
      return post(`uploads/${id}/end`, {});
    }
    await send(`uploads/${id}`, { method: "DELETE" }).catch(() => {});
    throw error;
  }
  return post(`uploads/${id}/end`, {});
}

/** A picture's bytes as JSON has them. */
export function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Refusal(0, "The picture can't be read"));
    reader.readAsDataURL(file);
  });
}
