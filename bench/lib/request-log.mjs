// @ts-check
/** A socket that hands every request on to Incus and writes down what was asked. */
import http from "node:http";

/**
 * @typedef {object} RequestLog
 * @property {string} socket to be asked instead of Incus' own
 * @property {() => string[]} take the requests since the last time, as `GET /1.0/instances?recursion=1`
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} socket a path that is free
 * @param {string} incusSocket
 * @returns {Promise<RequestLog>}
 */
export async function logRequests(socket, incusSocket) {
  /** @type {string[]} */
  let asked = [];
  const server = http.createServer((request, response) => {
    const { method, url: path, headers } = request;
    asked.push(`${method} ${path}`);
    const onward = http.request({ socketPath: incusSocket, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(socket, () => resolve(undefined)));
  return {
    socket,
    take() {
      const taken = asked;
      asked = [];
      return taken;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
