import { container } from "floe";
import { motd } from "../modules/motd.ts";

const greeting = "Hello from floe";

export default container(
  {
    instances: {
      web: {
        // This machine's port to the container's.
        ports: { 8080: 80 },
        health: [{ http: "http://127.0.0.1:8080/", body: greeting, within: "30s" }],
      },
    },
  },
  ({ pkgs }) => ({
    imports: [motd],
    services: { httpd: { enable: true, root: pkgs.writeTextDir("index.html", `<h1>${greeting}</h1>\n`) } },
  }),
);
