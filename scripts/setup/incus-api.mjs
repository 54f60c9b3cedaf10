// @ts-check
/**
 * The few Incus requests that set-up needs before floe itself is built: one function, no dependency.
 * floe's own client is src/incus/.
 */
import http from "node:http";

/**
 * One request; waits for the operation when the answer is one. Throws an Error with the server's words.
 * @param {string} socketPath
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>} the answer's metadata
 */
export async function incusApi(socketPath, method, path, body) {
  const answer = await send(socketPath, method, path, body);
  if (answer.type === "error") throw new Error(answer.error);
  if (answer.type !== "async") return answer.metadata;
  const ended = await send(socketPath, "GET", `${answer.operation}/wait?timeout=-1`);
  // A failed operation answers HTTP 200 with an error body, so only the body counts.
  if (ended.type === "error") throw new Error(ended.error);
  if (ended.metadata?.err) throw new Error(ended.metadata.err);
  return ended.metadata;
}

/**
 * Does an Incus daemon that trusts us answer here?
 * @param {string} socketPath
 * @returns {Promise<{ version: string, pid: number } | undefined>}
 */
export async function incusAnswers(socketPath) {
  try {
    const info = await incusApi(socketPath, "GET", "/1.0");
    if (info.auth !== "trusted") return undefined;
    return { version: info.environment.server_version, pid: info.environment.server_pid };
  } catch {
    return undefined;
  }
}

/**
 * @param {string} socketPath
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
function send(socketPath, method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { socketPath, method, path, headers: { Host: "incus", "Content-Type": "application/json" } },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          try {
            resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
          } catch (cause) {
            reject(new Error(`Incus answered ${method} ${path} with something that is not JSON`, { cause }));
          }
        });
      },
    );
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
