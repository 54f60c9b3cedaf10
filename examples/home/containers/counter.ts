import { container, nix, sh } from "floe";
import { motd } from "../modules/motd.ts";

const data = "/var/lib/counter";
const url = "http://127.0.0.1:8083";

const answer = sh`
  touch ${data}/visits
  printf 'Content-Type: text/plain\r\n\r\nVisits: %s\n' "$(wc -l <${data}/visits)"
`;

/** Counts its visits on a volume: the image is replaced, the count stays. */
export default container(
  {
    instances: {
      counter: {
        ports: { 8083: 80 },
        volumes: { [data]: { pool: "default", name: "counter" } },
        health: [{ http: `${url}/cgi-bin/visits`, body: "Visits: ", within: "30s" }],
      },
    },
  },
  {
    imports: [motd, nix.path("../modules/site.nix")],
    services: {
      httpd: {
        cgi: {
          // A line a visit: appending needs no lock, and a container that is killed here leaves whole lines.
          "index.cgi": `date -u >>${data}/visits\n${answer}`,
          // A health check is no visit: it reads.
          visits: answer,
        },
      },
    },
  },
);
