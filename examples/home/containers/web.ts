import { container, nix, sh, text } from "floe";
import { motd } from "../modules/motd.ts";

// Change this, then: floe apply
const greeting = "Hello from floe";

const page = text`
  <!doctype html>
  <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${greeting}</title>
    <style>
      body { margin: 20vh auto; max-width: 32em; padding: 0 1em; font: 1.1em/1.6 system-ui, sans-serif; color: #1c2733; background: #f4f8fb }
      @media (prefers-color-scheme: dark) { body { color: #dde6ee; background: #10171e } }
    </style>
    <h1>${greeting}</h1>
    <p>This is @instance@, a container that Nix built from <code>containers/web.ts</code> and that Incus runs.</p>
  </html>
`;

/** One more instance of the same image, reached on this machine at the port. */
const instance = (port: number) => ({
  ports: { [port]: 80 },
  health: [{ http: `http://127.0.0.1:${port}/`, body: greeting, within: "30s" }],
});

export default container(
  { instances: { "web-1": instance(8081), "web-2": instance(8082) } },
  {
    imports: [motd, nix.path("../modules/site.nix")],
    environment: { etc: { "site/index.html": { text: page } } },
    services: {
      httpd: {
        cgi: {
          "index.cgi": sh`
            printf 'Content-Type: text/html; charset=utf-8\r\n\r\n'
            sed "s/@instance@/$(hostname)/" /etc/site/index.html
          `,
        },
      },
    },
  },
);
