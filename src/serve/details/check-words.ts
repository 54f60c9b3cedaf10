/** Health checks for people. Pure. */
import type { HealthCheck } from "../../model/fleet.ts";

/** `GET http://127.0.0.1/ answers 200 to 299, within 30 s`. */
export function checkWords(check: HealthCheck): string {
  const { withinMs, passes = 1, from } = check;
  const where = from === "server" ? ", asked inside it" : "";
  const times = passes === 1 ? "" : `, ${passes} times in a row`;
  return `${whatOf(check)}, within ${withinMs < 1000 ? `${withinMs} ms` : `${withinMs / 1000} s`}${times}${where}`;
}

// --- internal ---

function whatOf(check: HealthCheck): string {
  switch (check.kind) {
    case "http": {
      const body = check.body === undefined ? "" : ` with ${JSON.stringify(check.body)} in its body`;
      return `GET ${check.url} answers ${check.status ?? "200 to 299"}${body}`;
    }
    case "tcp":
      return `${check.address}:${check.port} takes connections`;
    case "exec":
      return `"${check.command.join(" ")}" succeeds inside it`;
    case "systemd":
      return check.allowDegraded ? "systemd is up, with failed units too" : "systemd is up, without failed units";
    case "ready":
      return "it says that it is ready";
  }
}
